"""Numbers as the window, the reports and the command line write them."""


def per_cent(share: float) -> str:
    """0.7 as "70 %"."""
    return f"{100 * share:.0f} %"

"""How a file fails to be read: the same two sentences wherever its bytes make no sense."""

from likeness.core.errors import UserError


def damaged(detail: str) -> UserError:
    """An error for a file whose content contradicts itself; `detail` completes a sentence."""
    return UserError(f"The file is damaged or incomplete: {detail}.",
                     "Export the scan again, or bring it in another format.")

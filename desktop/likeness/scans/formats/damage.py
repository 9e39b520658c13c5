"""How a file fails to be read: the same two sentences wherever its bytes make no sense."""

from likeness.core.errors import UserError

_LONGEST = 160


def damaged(detail: str) -> UserError:
    """An error for a file whose content contradicts itself; `detail` completes a sentence."""
    if len(detail) > _LONGEST:  # it quotes the file
        detail = "its numbers are beyond all bounds"
    return UserError(f"The file is damaged or incomplete: {detail}.",
                     "Export the scan again, or bring it in another format.")

"""Many equal sentences as one with a number: a hundred hidden pieces need no hundred lines."""

from collections import Counter
from collections.abc import Iterable


def told_once(sentences: Iterable[str]) -> tuple[str, ...]:
    """Each sentence once, in the order of first appearance, with how often it came."""
    return tuple(sentence if count == 1 else f"{sentence} ({count} times)"
                 for sentence, count in Counter(sentences).items())


def told_cleaning(removed: tuple[str, ...], mended: tuple[str, ...]) -> tuple[str, ...]:
    """What cleaning took away and what it changed, a sentence each; none where it did nothing."""
    return tuple(f"{word} before fitting: {', '.join(_counted(names))}."
                 for word, names in (("Removed", removed), ("Mended", mended)) if names)


def _counted(names: tuple[str, ...]) -> list[str]:
    return [name if count == 1 else f"{name} ({count})" for name, count in Counter(names).items()]

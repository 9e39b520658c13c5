"""Many equal sentences as one with a number: a hundred hidden pieces need no hundred lines."""

from collections import Counter
from collections.abc import Iterable


def told_once(sentences: Iterable[str]) -> tuple[str, ...]:
    """Each sentence once, in the order of first appearance, with how often it came."""
    return tuple(sentence if count == 1 else f"{sentence} ({count} times)"
                 for sentence, count in Counter(sentences).items())


def told_removed(names: tuple[str, ...]) -> tuple[str, ...]:
    """What cleaning took away, as one sentence; none where it took nothing."""
    if not names:
        return ()
    counted = (name if count == 1 else f"{name} ({count})"
               for name, count in Counter(names).items())
    return (f"Removed before fitting: {', '.join(counted)}.",)

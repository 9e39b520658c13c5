"""Who solves for pose, shape and surface: this process once the scan is clean, or one beside it."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from likeness.core.progress import Progress
from likeness.core.threads import cores

if TYPE_CHECKING:
    from likeness.bodies.body import Body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.seen import Seen
    from likeness.fitting.solved import Solved


@runtime_checkable
class Solver(Protocol):
    """Told of a scan first as it came and, where that changed it, again when it is clean.

    Whoever solves finds the same, to the last bit.
    """

    def expect(self, body: "Body", settings: "FitSettings") -> None:
        """Be told what the next scan will be fitted to, as soon as that is known."""
        ...

    def begin(self, seen: "Seen", body: "Body", settings: "FitSettings") -> None:
        """Take up a scan; one that was under way is dropped."""
        ...

    def cleaned(self, seen: "Seen", *, keeps_pose: bool) -> None:
        """Go on with what is left of it, from the pose found in all of it, or from nothing."""
        ...

    def result(self, progress: Progress) -> "Solved":
        """What is found in the end; raises as `fit_body` does."""
        ...


class SolvesHere:
    """Waits for the clean scan and does it all then, in the thread that asks for the result."""

    def expect(self, body: "Body", settings: "FitSettings") -> None:
        """Nothing is done before there is a scan."""

    def begin(self, seen: "Seen", body: "Body", settings: "FitSettings") -> None:
        """Take up a scan."""
        self._posed_in = self._seen = seen
        self._body, self._settings = body, settings

    def cleaned(self, seen: "Seen", *, keeps_pose: bool) -> None:
        """What is left of it."""
        self._seen = seen
        if not keeps_pose:
            self._posed_in = seen

    def result(self, progress: Progress) -> "Solved":
        """Find the pose, then the rest."""
        from likeness.fitting.pipeline import find_pose, solve

        use_same_threads()
        pose = find_pose(self._posed_in, self._body, self._settings, progress)
        return solve(self._seen, pose, self._settings, progress)


def use_same_threads() -> None:
    """Let torch have all cores but one, for sums differ with the threads that share them.

    That one is for who inspects meanwhile. To be called by the thread that solves.
    """
    from likeness.fitting.devices import use_threads

    use_threads(max(1, cores() - 1))

"""What a fit runs on: a graphics card where one is there and free, or else the processor."""

from collections.abc import Callable, Sequence

import torch

from likeness.core.errors import UsageError
from likeness.core.threads import R, T, together
from likeness.fitting.fit import REFINEMENTS, FitSettings

_ROOM = 3 * 2**30  # bytes of a card's memory; a fit takes two thirds of it


def device_for(settings: FitSettings) -> torch.device:
    """The device asked for; raises `UsageError` where it, or the refinement, does not exist here.

    "auto" takes the card only where a fit has room on it.
    """
    if settings.refinement not in REFINEMENTS:
        raise UsageError(f"There is no refinement called {settings.refinement!r}.",
                         f"Choose one of {', '.join(REFINEMENTS)}.")
    if settings.device == "cpu" or not torch.cuda.is_available():
        if settings.device == "cuda":
            raise UsageError("No CUDA device was found on this computer.",
                             "Use --device cpu, or auto, which takes what is there.")
        return torch.device("cpu")
    free = _free_bytes()
    if free >= _ROOM:
        return torch.device("cuda")
    if settings.device == "cuda":
        raise UsageError(f"The graphics card has only {free / 2**30:.1f} GB of memory free; a fit "
                         f"needs {_ROOM // 2**30} GB.",
                         "Close what else uses the card, or use --device cpu.")
    return torch.device("cpu")


def _free_bytes() -> int:
    """Of the card's memory; none where it takes nobody else."""
    try:
        ours = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()  # is taken again
        return torch.cuda.mem_get_info()[0] + ours
    except RuntimeError:
        return 0


def use_threads(count: int) -> None:
    """Let torch share its work among so many; to be called by the thread that begins such work."""
    torch.get_num_threads()  # a thread that never asked takes over later what another has set
    torch.set_num_threads(count)


def side_by_side(work: Callable[[T], R], items: Sequence[T], device: torch.device,
                 meanwhile: Callable[[], None] | None = None) -> list[R]:
    """As `together`, each without torch's own threads; on a GPU one after the other.

    What is recorded for a GPU is so by one thread.
    """
    if device.type != "cpu":
        found = []
        for item in items:
            if meanwhile is not None:
                meanwhile()
            found.append(work(item))
        return found

    def alone(item: T) -> R:
        use_threads(1)
        with torch.inference_mode():
            return work(item)

    return together(alone, items, meanwhile)

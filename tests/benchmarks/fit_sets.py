"""The sets of scans that fits are measured on: add a line to the table to add a set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.synthetic.people import MOCAP, SETS, Example, make_set
from tests.synthetic.strangers import STRANGERS, make_strangers
from tests.synthetic.subjects import ROOT

# What the program recommends for each kind of scan; all others are fitted at `standard`.
_RECOMMENDED = {"loose": "low", "mixed": "low", "hair": "low", "tight": "low", "noise": "low",
                "outliers": "low", "layers": "none", "sparse": "none"}
_SHARED = ROOT.parent / "shared/scans"
_STRANGERS = ("not_a_person_office.ply", "not_a_person_pig_pen.ply")


@dataclass(frozen=True)
class FitSet:
    """`count` cases by number; `bar` is what a release must reach, in words.

    `examples` takes numbers, the cache, and how many seeds later the people are drawn: other people
    in other poses, whom nothing was tuned on. `needs` is an optional sample file without which the
    set is left out.
    """

    name: str
    about: str
    count: int
    examples: Callable[[Sequence[int], Path, int], list[Example]]
    bar: str = ""
    needs: Path | None = None

    @property
    def available(self) -> bool:
        """Whether what it is made from is here."""
        return self.needs is None or self.needs.is_file()

    def numbers(self, quick: bool) -> range:
        """All cases, or a tenth of them but at least two, spread over the set."""
        return range(0, self.count, max(1, min(10, self.count // 2)) if quick else 1)


def _people(name: str, numbers: Sequence[int], cache: Path, later: int) -> list[Example]:
    people = SETS[name]
    if later:
        people = replace(people, name=f"{name}+{later}", first_seed=people.first_seed + later)
    return make_set(people, numbers, cache)


def _things(numbers: Sequence[int], cache: Path, _: int) -> list[Example]:
    return make_strangers(numbers, cache)


def _strangers(numbers: Sequence[int], _: Path, __: int) -> list[Example]:
    return [Example(Path(_STRANGERS[n]).stem, _SHARED / _STRANGERS[n], None) for n in numbers]


def recommended(kind: str) -> str:
    """The refinement that suits a kind of scan."""
    return _RECOMMENDED.get(kind, "standard")


FIT_SETS = {each.name: each for each in (
    FitSet("standing", "A, T, arms down, relaxed; 500,000 to a million points, 1 mm noise, holes, "
           "any yaw and unit", SETS["standing"].count, partial(_people, "standing"),
           "99 % right, median v2v at most 10 mm at standard"),
    # Not held out: the pose prior's mean and covariance come from these recordings as well.
    FitSet("poses", "recorded poses: climbing, jumping, crouching", SETS["poses"].count,
           partial(_people, "poses"), "95 % right", needs=MOCAP),
    FitSet("anyframe", "any of six axes up, any unit, 20 m from the origin",
           SETS["anyframe"].count, partial(_people, "anyframe"), "as standing"),
    FitSet("messy", "clothes, hair, layers, one side only, noise, ground, outliers, few points",
           SETS["messy"].count, partial(_people, "messy"), "90 % right"),
    FitSet("notperson", "chairs, animals, two people, an arm, stretched people, walls, noise: "
           "right is refused, or a verdict of poor", len(STRANGERS), _things,
           "none taken for a person"),
    FitSet("strangers", "real scans of things: as notperson", len(_STRANGERS),
           _strangers, "none taken for a person", needs=_SHARED / _STRANGERS[0]),
)}

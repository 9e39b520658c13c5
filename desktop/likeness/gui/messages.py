"""What the window tells people: a sentence for what happened, one for what to do next."""

from dataclasses import dataclass
from enum import Enum

from likeness.jobs.protocol import Broken, Refused


class Kind(Enum):
    """How a message is meant."""

    NOTE = "note"
    PROBLEM = "problem"
    BUG = "bug"


@dataclass(frozen=True)
class Message:
    """A banner's content; `details` are for a report and are never shown by themselves."""

    kind: Kind
    problem: str
    remedy: str = ""
    details: str = ""


def message_of(event: Refused | Broken) -> Message:
    """The message that tells of a job which did not end well."""
    if isinstance(event, Broken):
        return Message(Kind.BUG, event.problem, event.remedy, event.details)
    return Message(Kind.PROBLEM, event.problem, event.remedy)

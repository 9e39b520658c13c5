"""The ways a job ends other than well: the user can act, the user stopped it, or it is a bug."""


class UserError(Exception):
    """Something the user can understand and act on: one sentence each for what and what next."""

    exit_code = 3

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["UserError"], tuple[str, str]]:
        return type(self), (self.problem, self.remedy)


class UsageError(UserError):
    """The command or its settings are wrong; no scan was touched."""

    exit_code = 2


class NotLicensedError(UserError):
    """The installation's licence does not cover what was asked."""

    exit_code = 5


class Cancelled(Exception):  # noqa: N818 - an ending, not an error
    """The user stopped the job; raised out of a progress call."""

    exit_code = 130

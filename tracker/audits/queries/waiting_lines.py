"""What pages say of a next step, and one line of a desk."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NextStep:
    """For the panel that says what happens next. `mine`: it is the reader's own step."""

    what: str
    who: str = ""
    since: str = ""
    mine: bool = False
    follows: str = ""
    href: str = ""  # where the reader takes the step
    action: str = ""


@dataclass(frozen=True)
class Waiting:
    """One line of a desk: what, where, why, and by when."""

    what: str
    href: str
    why: str
    due: str = ""
    tone: str = ""

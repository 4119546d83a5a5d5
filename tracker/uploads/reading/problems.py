"""What is wrong with one cell: where, why, and what to do about it."""

from dataclasses import asdict, dataclass

SHOWN = 80  # characters of a value that a sentence repeats


@dataclass(frozen=True)
class Problem:
    """One error of one row. `column` is the file's own name for it; empty if the whole row is meant."""

    column: str
    value: str
    cause: str
    remedy: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        where = f"Column “{self.column}”: " if self.column else ""
        return f"{where}{self.cause} {self.remedy}"


def shown(value: str) -> str:
    """A value as it may stand in a sentence: one line, not too long, nothing invisible."""
    text = "".join(c if c.isprintable() else "�" for c in value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class Unreadable(Exception):
    """A cell that cannot be understood: its cause and its remedy."""

    def __init__(self, cause: str, remedy: str):
        super().__init__(cause)
        self.cause, self.remedy = cause, remedy

    def at(self, column: str, value: str) -> Problem:
        return Problem(column, shown(value), self.cause, self.remedy)

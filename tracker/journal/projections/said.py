"""What the entries of one record say of a column: the newest state, who acted, when."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, ClassVar
from uuid import UUID

from tracker.journal.entries import ENVELOPE, disclosed_value
from tracker.journal.kinds import kind_named


class _Unknown:
    def __repr__(self) -> str:
        return "not known"


UNKNOWN = _Unknown()  # the value was erased, or its disclosure is gone
AT_MOST_APART = timedelta(minutes=15)
"""A row's own clock and its entry's are read in one transaction, a moment apart; posting a million rows takes longer."""


@dataclass(frozen=True)
class Difference:
    """A place where a table and the journal disagree, in a sentence that names the record."""

    table: str
    record: UUID | None
    entry: int | None
    sentence: str


@dataclass(frozen=True)
class Told:
    """One entry of a record's history, with what is left of its disclosure."""

    pk: int
    kind: str
    op: str
    record: UUID
    values: Any
    erased: frozenset[str] = (
        frozenset()
    )  # of the fields that its kind has since; others are simply missing

    def value(self, name: str) -> Any:
        """What the entry says, or UNKNOWN. Whether the disclosure is genuine is checked elsewhere."""
        if name in self._said:
            return self._said[name]
        if name in self.erased:
            return UNKNOWN
        return kind_named(self.kind).later.get(name, UNKNOWN)

    @cached_property
    def _said(self) -> dict[str, Any]:
        """Every value. All are read in one go, which takes a third of the time; if that fails, one by one."""
        values = self.values if isinstance(self.values, dict) else {}
        try:
            raw = b",".join(urlsafe_b64decode(v + "=" * (-len(v) % 4)) for v in values.values())
            pairs = json.loads(b"[" + raw + b"]")
            return {name: value for name, (_, value) in zip(values, pairs, strict=True)}
        except (ValueError, LookupError, TypeError):
            return {name: value for name, raw in values.items() for value in _single(raw)}

    @property
    def lacks_later(self) -> bool:
        """Is a field missing that older entries of the kind do not have either?"""
        later = kind_named(self.kind).later
        return bool(later) and not (
            isinstance(self.values, dict) and later.keys() <= self.values.keys()
        )

    @property
    def is_whole(self) -> bool:
        return isinstance(self.values, dict) and _slots(self.kind) <= self.values.keys()


def _single(raw: Any) -> list[Any]:
    try:
        return [disclosed_value(raw)]
    except (ValueError, LookupError, TypeError):
        return []


@cache
def _slots(kind: str) -> frozenset[str]:
    return frozenset((*ENVELOPE, *kind_named(kind).always))


@dataclass
class Story:
    """The entries about one record, oldest first."""

    entries: list[Told] = field(default_factory=list)

    def newest(self, *ops: str) -> Told | None:
        return next((e for e in reversed(self.entries) if not ops or e.op in ops), None)

    def ended(self, ends: Sequence[str]) -> bool:
        return bool(self.entries) and self.entries[-1].op in ends

    @property
    def number(self) -> int | None:
        """The newest entry, by which a difference is named."""
        return self.entries[-1].pk if self.entries else None


class Says:
    """How a column follows from a story. `fields` are those of the kind that it reads."""

    fields: tuple[str, ...] = ()
    via: str = "uid"  # by which field of the row that a key points at entries name it
    near: ClassVar[bool] = False
    ops: tuple[str, ...] = ()

    def of(self, story: Story) -> Any:
        raise NotImplementedError

    def applies(self, row: Mapping[str, Any]) -> bool:
        return True


class Last(Says):
    """As the newest entry states it, of the ops that state it (all, if none is named)."""

    def __init__(self, name: str, *ops: str, otherwise: Any = None):
        self.fields, self.ops, self.otherwise = (name,), ops, otherwise

    def of(self, story: Story) -> Any:
        told = story.newest(*self.ops)
        return self.otherwise if told is None else told.value(self.fields[0])


class First(Says):
    """As the first entry states it, for ever."""

    def __init__(self, name: str):
        self.fields = (name,)

    def of(self, story: Story) -> Any:
        return story.entries[0].value(self.fields[0])


class By(Says):
    """Whoever did the newest of these ops, or began the record; nobody if none of them happened."""

    def __init__(self, *ops: str):
        self.ops = ops

    def of(self, story: Story) -> Any:
        told = story.newest(*self.ops) if self.ops else story.entries[0]
        return None if told is None else told.value("by")


class When(By):
    """The moment of it, by a clock that was read in the same transaction."""

    near = True

    def of(self, story: Story) -> Any:
        told = story.newest(*self.ops) if self.ops else story.entries[0]
        return None if told is None else told.value("at")


class WhenLast(Says):
    """The moment of the newest entry."""

    near: ClassVar[bool] = True

    def of(self, story: Story) -> Any:
        return story.entries[-1].value("at")


class Happened(By):
    """Did it happen?"""

    def of(self, story: Story) -> Any:
        return story.newest(*self.ops) is not None


class Occasion(Says):
    """What follows from the op itself, for rows that stand for one event."""

    def __init__(self, answers: Mapping[str, Any]):
        self.ops, self.answers = tuple(answers), answers
        self.fields = tuple(n for a in answers.values() if isinstance(a, Says) for n in a.fields)

    def of(self, story: Story) -> Any:
        told = story.newest(*self.ops)
        answer = None if told is None else self.answers[told.op]
        return answer.of(story) if isinstance(answer, Says) else answer


class Subject(Says):
    """The record whose history the entry belongs to, or the field that names it in an entry of another kind."""

    def __init__(self, **elsewhere: str):
        self.elsewhere, self.fields = elsewhere, tuple(elsewhere.values())

    def of(self, story: Story) -> Any:
        told = story.entries[0]
        name = self.elsewhere.get(told.kind)
        return str(told.record) if name is None else told.value(name)


class Always(Says):
    """Nothing ever changes it."""

    def __init__(self, value: Any):
        self.value = value

    def of(self, story: Story) -> Any:
        return self.value


class Number(Says):
    """The number of the record's first entry: facts name their entry."""

    via = "pk"

    def of(self, story: Story) -> Any:
        return story.entries[0].pk


class Through(Says):
    """What a key points at, named by another field than its identifier."""

    def __init__(self, via: str, says: Says):
        self.via, self.says, self.fields, self.ops = via, says, says.fields, says.ops

    def of(self, story: Story) -> Any:
        return self.says.of(story)


class While(Says):
    """Only as long as the row says so: work under way moves between two entries."""

    def __init__(self, says: Says, holds: Callable[[Mapping[str, Any]], bool]):
        self.says, self.holds, self.fields, self.ops = says, holds, says.fields, says.ops

    def of(self, story: Story) -> Any:
        return self.says.of(story)

    def applies(self, row: Mapping[str, Any]) -> bool:
        return self.holds(row)


def is_near(actual: Any, expected: Any) -> bool:
    """Are two instants (one as the entry writes it) of the same transaction?"""
    if actual is None or expected is None:
        return actual is expected
    try:
        return abs(actual - datetime.fromisoformat(expected)) <= AT_MOST_APART
    except (TypeError, ValueError):
        return False

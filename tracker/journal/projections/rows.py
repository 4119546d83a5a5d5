"""Rows that entries rebuild: their columns, the words beside them, and the rows that are parts of them."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, Field, ForeignKey, Model, OuterRef, Q

from tracker.journal.models import Entry
from tracker.journal.projections import reading
from tracker.journal.projections.reading import Names, Row
from tracker.journal.projections.said import (
    UNKNOWN,
    Difference,
    Last,
    Says,
    Story,
    Told,
    is_near,
)
from tracker.shared.models import ErasableText, digest_of
from tracker.shared.money import MoneyField

Erased = Callable[[int], bool]
Accepted = Mapping[int, Collection[Any]]
Progress = Callable[[str, int], None]
Fields = dict[str, str]
KEY = {"id": "the row's key in this database; nothing outside knows it"}


@dataclass(frozen=True)
class Side:
    """Words beside an append-only row, which law may have erased, and the row's digest of them."""

    column: str
    model: type[ErasableText]
    columns: Mapping[str, Says]
    digest: str = "text_digest"


@dataclass(frozen=True)
class Part:
    """Rows that belong to a record and that its entries list: each row as the list of its columns.

    `numbered`: the place in the list is the row's position. `via` names what keys point at by another field. `later`
    holds the last columns that older entries do not list, with what was true of every row then.
    """

    model: type[Model]
    parent: str
    columns: tuple[str, ...]
    says: Says
    numbered: bool = False
    via: Mapping[str, str] = field(default_factory=dict)
    unmapped: Mapping[str, str] = field(default_factory=dict)
    later: tuple[Any, ...] = ()

    def expected(self, story: Story) -> list[str] | Any:
        stated = self.says.of(story)
        if stated is UNKNOWN:
            return UNKNOWN
        items = [item if isinstance(item, list) else [item] for item in stated or []]
        items = [self._whole(item) for item in items]
        if self.numbered:
            items = [[place, *item] for place, item in enumerate(items)]
        return sorted(map(_line, items))

    def _whole(self, item: list[Any]) -> list[Any]:
        missing = len(self.columns) - self.numbered - len(item)
        return [*item, *self.later[-missing:]] if missing > 0 else item

    def covers(self) -> Fields:
        return dict.fromkeys((self.parent, *self.columns), "") | KEY | dict(self.unmapped)


def _line(cells: Sequence[Any]) -> str:
    return json.dumps([_number(cell) for cell in cells], ensure_ascii=False)


def _number(cell: Any) -> Any:
    """50, 50.0 and 50.00 per cent are one share."""
    if isinstance(cell, str) and cell.replace(".", "", 1).isdecimal() and "." in cell:
        return cell.rstrip("0").rstrip(".")
    return cell


@dataclass(frozen=True)
class Projection:
    """A table whose rows are rebuilt from entries of some kinds.

    A row is found in the journal by its identifier (`key="uid"`), or by the number of its entry (`key="entry"`) if it
    stands for one event in the history of another record; `ops` then says which events leave a row. An entry of
    `ends` takes the row away. `reckoned` columns follow from other compared rows: given the rows and their stories, a
    function answers which values are right, by key.
    """

    word: str
    model: type[Model]
    kinds: tuple[str, ...]
    columns: Mapping[str, Says]
    unmapped: Mapping[str, str] = field(default_factory=dict)
    key: str = "uid"
    ops: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()
    parts: tuple[Part, ...] = ()
    reckoned: Mapping[str, Callable[[Sequence[Row], Mapping[Any, Story]], Accepted]] = field(
        default_factory=dict
    )
    place: str = "the database"

    # --- What it covers ----------------------------------------------------

    def covers(self) -> Iterator[tuple[type[Model], Fields]]:
        own = dict.fromkeys((*self.columns, *self.reckoned, self.key), "")
        own |= {name: "" for side in self.sides for name in (side.column, side.digest)}
        yield self.model, own | KEY | dict(self.unmapped)
        for side in self.sides:
            yield side.model, dict.fromkeys(("salt", "erased_by", *side.columns), "") | KEY
        for part in self.parts:
            yield part.model, part.covers()

    def reads(self) -> set[str]:
        """The fields of its kinds that it reads."""
        says = [*self.columns.values(), *(part.says for part in self.parts)]
        says += [one for side in self.sides for one in side.columns.values()]
        return {name for one in says for name in one.fields}

    # --- Comparing ---------------------------------------------------------

    def differences(self, erased: Erased, progress: Progress) -> Iterator[Difference]:
        done = 0
        names = Names()
        for rows, unreadable in reading.in_chunks(self.model, self._attnames):
            yield from self._unreadable(unreadable)
            found = list(self._compare(rows, names, erased))
            if found:
                found = self._again(found, rows, erased)
            yield from found
            done += len(rows)
            progress(self.word, done)
        yield from self._missing()
        yield from self._strays()

    def _unreadable(self, keys: Sequence[Any]) -> Iterator[Difference]:
        for pk in keys:
            own = reading.read(self.model, ["uid"], Q(pk=pk)) if self._has_uid else []
            record = own[0]["uid"] if own else None
            named = f"{self.word.capitalize()} {record or f'in row {pk}'}"
            said = f"{named}: {self.place} holds a value in it that cannot be read."
            yield Difference(self.word, record, None, said)

    @property
    def _has_uid(self) -> bool:
        return any(f.name == "uid" for f in self.model._meta.fields)

    def _again(
        self, found: list[Difference], rows: Sequence[Row], erased: Erased
    ) -> list[Difference]:
        """Read a second time: what was being written while we read is no difference."""
        keys = [row[self._pk] for row in rows]
        fresh = reading.read(self.model, self._attnames, Q(pk__in=keys))
        again = set(self._compare(fresh, Names(), erased))
        return [one for one in found if one in again]

    @property
    def _pk(self) -> str:
        return self.model._meta.pk.attname

    def _field(self, name: str) -> Field:
        return self.model._meta.get_field(name)  # type: ignore[return-value]

    @cached_property
    def _mapped(self) -> list[tuple[Any, Says]]:
        return [(self._field(name), says) for name, says in self.columns.items()]

    @property
    def _attnames(self) -> list[str]:
        names = [*self.columns, *self.reckoned, self.key]
        names += [name for side in self.sides for name in (side.column, side.digest)]
        if any(f.name == "currency" for f in self.model._meta.fields):
            names.append("currency")
        # What a condition asks, and what reckoned columns need: cheap beside the entries.
        names += [f.name for f in self.model._meta.fields if isinstance(f, ForeignKey)]
        return list(dict.fromkeys(reading.attname(self._field(name)) for name in names))

    def _key_of(self, row: Row) -> Any:
        return row[reading.attname(self._field(self.key))]

    def _compare(self, rows: Sequence[Row], names: Names, erased: Erased) -> Iterator[Difference]:
        by = "record" if self.key == "uid" else "pk"
        stories = reading.stories_of(self.kinds, by=by, keys=[self._key_of(r) for r in rows])
        self._learn(rows, names)
        sides = [(side, self._side_rows(side, rows, names)) for side in self.sides]
        parts = [(part, self._part_rows(part, rows, names)) for part in self.parts]
        reckoned = {name: reckon(rows, stories) for name, reckon in self.reckoned.items()}
        for row in rows:
            story = stories.get(self._key_of(row))
            if story is None or not self._stands_for(story):
                yield self._stranger(row, names)
                continue
            yield from self._gone(row, story, erased, names)
            yield from self._columns(row, story, names)
            for name, accepted in reckoned.items():
                yield from self._is_accepted(row, story, name, accepted, names)
            for side, words in sides:
                yield from self._words(side, words, row, story, erased, names)
            for part, items in parts:
                yield from self._items(part, items, row, story, names)

    def _stands_for(self, story: Story) -> bool:
        if story.ended(self.ends):
            return False
        return self.key == "uid" or not self.ops or story.entries[0].op in self.ops

    def _learn(self, rows: Sequence[Row], names: Names) -> None:
        for name, says in self.columns.items():
            column = self._field(name)
            if isinstance(column, ForeignKey):
                keys = (row[column.attname] for row in rows)
                names.learn(column.related_model, says.via, keys)

    # --- One row -----------------------------------------------------------

    def _record(self, row: Row, names: Names) -> UUID | None:
        """The identifier of the row, or of what it belongs to."""
        if "uid" in row:
            return row["uid"]
        said = reading.value_of(self._field(self._owner), row, names, "uid")
        return UUID(said) if said != reading.LOST else None

    @property
    def _owner(self) -> str:
        return next(n for n in self.columns if isinstance(self._field(n), ForeignKey))

    def _say(self, row: Row, story: Story | None, what: str, names: Names) -> Difference:
        record = self._record(row, names)
        entry = story.number if story else None
        at = f" (entry {entry})" if entry else ""
        named = f"{self.word.capitalize()} {record or row[self._pk]}{at}"
        return Difference(self.word, record, entry, f"{named}: {what}")

    def _stranger(self, row: Row, names: Names) -> Difference:
        if self.key == "entry":
            self._learn([row], names)
        what = f"it is in {self.place}, and no entry of the journal says so."
        return self._say(row, None, what, names)

    def _gone(self, row: Row, story: Story, erased: Erased, names: Names) -> Iterator[Difference]:
        for told in story.entries:
            if not told.is_whole and not erased(told.pk):
                what = f"values of entry {told.pk} are gone, and no entry decided to erase them."
                yield self._say(row, story, what, names)

    def _columns(self, row: Row, story: Story, names: Names) -> Iterator[Difference]:
        for column, says in self._mapped:
            if not says.applies(row):
                continue
            expected = says.of(story)
            if expected is UNKNOWN:
                continue
            if says.near:
                same = is_near(row[column.attname], expected)
                actual = row[column.attname]
            else:
                actual = reading.value_of(column, row, names, says.via)
                same = reading.equal(column, actual, expected)
            if not same:
                yield self._differs(row, story, column, actual, expected, names)

    def _differs(
        self, row: Row, story: Story, column: Field, actual: Any, expected: Any, names: Names
    ) -> Difference:
        currencies = ("", "")
        if isinstance(column, MoneyField):
            stated = Last(column.currency_field).of(story)
            currencies = (row[column.currency_field], stated if isinstance(stated, str) else "")
        what = (
            f"{self.place} says {column.verbose_name} {reading.shown(actual, currencies[0])}, "
            f"the journal says {reading.shown(expected, currencies[1])}."
        )
        return self._say(row, story, what, names)

    def _is_accepted(
        self, row: Row, story: Story, name: str, accepted: Accepted, names: Names
    ) -> Iterator[Difference]:
        right = accepted.get(row[self._pk])
        if right is not None and row[name] not in right:
            said = " or ".join(reading.shown(value) for value in right)
            what = f"{self.place} says {name} {reading.shown(row[name])}, the journal says {said}."
            yield self._say(row, story, what, names)

    # --- Words beside the row ----------------------------------------------

    def _side_rows(self, side: Side, rows: Sequence[Row], names: Names) -> dict[int, Row]:
        column = reading.attname(self._field(side.column))
        keys = [row[column] for row in rows]
        columns = ["salt", "erased_by_id", *side.model.TEXTS]
        found = reading.read(side.model, columns, Q(pk__in=keys))
        names.learn(Entry, "kind", (row["erased_by_id"] for row in found))
        return {row["id"]: row for row in found}

    def _words(
        self,
        side: Side,
        words: Mapping[int, Row],
        row: Row,
        story: Story,
        erased: Erased,
        names: Names,
    ) -> Iterator[Difference]:
        found = words.get(row[reading.attname(self._field(side.column))])
        if found is None:
            yield self._say(row, story, "its words are not there any more.", names)
            return
        by_decision = {
            name: any(told.value(name) is UNKNOWN and erased(told.pk) for told in story.entries)
            for name in side.columns
        }
        for name, says in side.columns.items():
            expected, actual = says.of(story), reading.plain(found[name])
            column = side.model._meta.get_field(name)
            if by_decision[name] and actual:
                what = f"its {name} is erased from the journal, and {self.place} still has it."
                yield self._say(row, story, what, names)
            elif expected is not UNKNOWN and not reading.equal(column, actual, expected):  # type: ignore[arg-type]
                yield self._differs(row, story, column, actual, expected, names)  # type: ignore[arg-type]
        yield from self._seal(side, found, row, story, any(by_decision.values()), names)

    def _seal(
        self, side: Side, found: Row, row: Row, story: Story, are_erased: bool, names: Names
    ) -> Iterator[Difference]:
        """The row's digest of its words, and the decision that erased them."""
        decided = found["erased_by_id"]
        of = names.of(Entry, "kind", decided)
        if of != ("erasure" if are_erased else None):
            what = "its words name another decision to erase them than the journal has."
            yield self._say(row, story, what, names)
        digest = digest_of(found["salt"], *(found[name] for name in side.model.TEXTS))
        if not are_erased and digest != row[side.digest]:
            what = "its digest is not that of the words beside it."
            yield self._say(row, story, what, names)

    # --- Rows that are parts of it -----------------------------------------

    def _part_rows(self, part: Part, rows: Sequence[Row], names: Names) -> dict[int, list[str]]:
        meta: Any = part.model._meta
        fields = [meta.get_field(name) for name in part.columns]
        parent = meta.get_field(part.parent).attname
        where = Q(**{f"{parent}__in": [row[self._pk] for row in rows]})
        found = reading.read(part.model, [parent, *(f.attname for f in fields)], where)
        for column in fields:
            if isinstance(column, ForeignKey):
                via = _via(part, column)
                names.learn(column.related_model, via, (r[column.attname] for r in found))
        lines: dict[int, list[str]] = defaultdict(list)
        for row in found:
            cells = [reading.value_of(f, row, names, _via(part, f)) for f in fields]
            lines[row[parent]].append(_line(cells))
        return lines

    def _items(
        self, part: Part, items: Mapping[int, list[str]], row: Row, story: Story, names: Names
    ) -> Iterator[Difference]:
        expected, actual = part.expected(story), sorted(items.get(row[self._pk], []))
        if expected is UNKNOWN or expected == actual:
            return
        what = part.model._meta.verbose_name
        more = [line for line in actual if line not in expected]
        less = [line for line in expected if line not in actual]
        said = [f"{self.place} has {what} {reading.shown(line)}" for line in more[:3]]
        said += [f"the journal has {what} {reading.shown(line)}" for line in less[:3]]
        told = "; ".join(said) or f"{self.place} has a {what} twice"
        yield self._say(row, story, f"{told}.", names)

    # --- Rows that are not there, or belong to nothing ---------------------

    def _missing(self) -> Iterator[Difference]:
        """Entries whose row was deleted by hand."""
        table = self.model._base_manager
        entries = Entry.objects.filter(kind__in=self.kinds)
        if self.key == "entry":
            entries = entries.filter(op__in=self.ops) if self.ops else entries
            entries = entries.exclude(Exists(table.filter(entry=OuterRef("pk"))))
        else:
            entries = entries.filter(rev=1)
            entries = entries.exclude(Exists(table.filter(uid=OuterRef("record"))))
        if self.ends:
            ended = Entry.objects.filter(record=OuterRef("record"), op__in=self.ends)
            entries = entries.exclude(Exists(ended))
        columns = ("pk", "kind", "op", "record", "disclosure__values")
        for told in entries.order_by("pk").values_list(*columns).iterator():
            record = self._named_by(Told(*told))
            named = f"{self.word.capitalize()} {record} (entry {told[0]})"
            said = f"{named}: the journal has it, and it is not in {self.place} any more."
            yield Difference(self.word, record, told[0], said)

    def _named_by(self, told: Told) -> UUID:
        """As the row would be named, if it were there."""
        if self.key == "uid":
            return told.record
        name = self.columns["uid"] if "uid" in self.columns else self.columns[self._owner]
        said = name.of(Story([told]))
        return told.record if said in (None, UNKNOWN) else UUID(said)

    def _strays(self) -> Iterator[Difference]:
        """Words and parts that belong to no row: somebody added them by hand."""
        owned = [(s.model, {s.column: OuterRef("pk")}, self.model) for s in self.sides]
        parts = [(p.model, {"pk": OuterRef(f"{p.parent}_id")}, self.model) for p in self.parts]
        for model, whose, owner in [*owned, *parts]:
            known = Exists(owner._base_manager.filter(**whose))
            strays = model._base_manager.exclude(known).order_by("pk")
            for pk in strays.values_list("pk", flat=True).iterator():
                what = model._meta.verbose_name
                said = f"Row {pk} of {what}s belongs to no {self.word}, and no entry speaks of it."
                yield Difference(self.word, None, None, said)


def _via(part: Part, column: Any) -> str:
    return part.via.get(column.name, "uid")

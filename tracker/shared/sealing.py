"""Values that a reader may not see on a page, and what stands there instead.

Who may not see what, `tracker.publishing` decides; lower rooms ask here and know nobody above them. A veil is asked
for once per page: it costs the same for one row and for a thousand. Rows are covered as they are loaded, so a page,
its file and its sorting cannot differ; covered rows are for showing and are never stored.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.db.models.query import ModelIterable

Decide = Callable[[Any], Mapping[UUID, Mapping[str, str]]]

LEFT_OUT = "Sums leave these amounts out."

_deciding: list[Decide] = []


def decided_by(decide: Decide) -> None:
    """Register who says, for a person: of each record the sealed fields, each with its category in words."""
    _deciding[:] = [decide]


@dataclass(frozen=True)
class Covered:
    """Stands on a page for a value that is sealed from its reader."""

    category: str

    def __str__(self) -> str:
        return f"withheld: {self.category}"

    def __format__(self, spec: str) -> str:
        return str(self)


class Sealable:
    """Mixed into models of which fields can be sealed. `sealed`: those that are, once the row was covered."""

    sealed: Mapping[str, Covered] = {}

    def cover(self, sealed: Mapping[str, Covered]) -> None:
        """Put the cover in the place of each value; of a value that is a row of its own, too."""
        self.sealed = sealed
        words = self._state.fields_cache.get("text")  # type: ignore[attr-defined]
        names = {one.name for one in self._meta.concrete_fields}  # type: ignore[attr-defined]
        for name, cover in sealed.items():
            if hasattr(words, name):
                setattr(words, name, cover)
            elif name in names and self._meta.get_field(name).is_relation:  # type: ignore[attr-defined]
                self._state.fields_cache[name] = cover  # type: ignore[attr-defined]
            elif name in names:
                setattr(self, name, cover)
        if "amount" in sealed:  # an amount has its currency, and a part of it would tell it
            vars(self)["amount"], vars(self)["currency"] = sealed["amount"], ""
            if vars(self).get("excess") is not None:
                vars(self)["excess"] = sealed["amount"]


@dataclass(frozen=True)
class Veil:
    """What is sealed from one person: of each record its fields, with the category in words."""

    records: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.records)

    def holding(self, *names: str) -> list[UUID]:
        """The records of which one of these fields is sealed; without names, of which anything is."""
        wanted = set(names)
        return [uid for uid, of in self.records.items() if not wanted or wanted & of.keys()]

    def open(self, *names: str, uid: str = "uid") -> Q:
        """None of these fields is sealed. For a filter that compares them: what is sealed is never compared."""
        return ~Q(**{f"{uid}__in": self.holding(*names)})

    def among(self, rows: QuerySet[Any], *names: str, uid: str = "uid") -> list[UUID]:
        """The rows of which one of these fields is sealed. No query where nothing is."""
        held = self.holding(*names)
        return (
            list(rows.order_by().filter(**{f"{uid}__in": held}).values_list(uid, flat=True))
            if held
            else []
        )

    def without(self, rows: Any, *names: str, uid: str = "uid") -> Any:
        """The rows of which none of these fields is sealed. For sums: one of few rows would tell an amount."""
        held = self.holding(*names)
        return rows.exclude(**{f"{uid}__in": held}) if held else rows

    def over(self, rows: Any) -> Any:
        """The same rows; each is covered when it is loaded, with the rows that are loaded with it."""
        if self:
            rows = rows._chain()
            rows._iterable_class = _covering(self, rows._iterable_class)
        return rows

    def cover(self, *rows: Any) -> None:
        for row in rows:
            self._cover(row, set())

    def _cover(self, row: Any, done: set[int]) -> None:
        if id(row) in done or not isinstance(row, Model):
            return
        done.add(id(row))
        for beside in list(row._state.fields_cache.values()):
            self._cover(beside, done)
        if isinstance(row, Sealable) and (of := self.records.get(row.uid)):  # type: ignore[attr-defined]
            row.cover({name: Covered(category) for name, category in of.items()})

    def notice(self, uids: Iterable[UUID], *, sums: str = "") -> "Notice | None":
        """What a page says of those of its records of which something is sealed; None where there are none."""
        held = [self.records[uid] for uid in set(uids) if self.records.get(uid)]
        why = sorted({category for of in held for category in of.values()})
        return Notice(len(held), tuple(why), sums) if held else None

    def also(self, uids: Iterable[UUID], name: str) -> "Veil":
        """The same with one more field sealed, of records that would tell what is sealed of another."""
        why = next((of[name] for of in self.records.values() if name in of), "")
        more = {uid: {name: why, **self.records.get(uid, {})} for uid in uids}
        return Veil({**self.records, **more})


@dataclass(frozen=True)
class Notice:
    """Of how many rows something is sealed, why, and what that does to the sums of the page."""

    count: int
    categories: tuple[str, ...]
    sums: str = ""


def veil_for(user: Any) -> Veil:
    """What is sealed from this person. The same number of queries whatever is sealed; ask once per page."""
    for decide in _deciding:
        return Veil(decide(user))
    return Veil()


def _covering(veil: Veil, base: Any) -> Any:
    if not issubclass(base, ModelIterable):
        return base

    class Covering(base):
        def __iter__(self) -> Iterator[Any]:
            for row in super().__iter__():
                veil.cover(row)
                yield row

    return Covering


def compared(asked: Mapping[str, Any], says: Mapping[str, Collection[str]]) -> set[str]:
    """The fields that a list's filters and its order compare. `says`: for each name in the address, which fields."""
    names = {name for name, value in asked.items() if value}
    names |= {f"sort:{one.lstrip('-')}" for one in str(asked.get("sort", "")).split(",")}
    return {one for name in names for one in says.get(name, ())}

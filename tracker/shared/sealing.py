"""Values that a reader may not see on a page, and what stands there instead.

Who may not see what, `tracker.publishing` decides; lower rooms ask here and know nobody above them. A veil is asked
for once per page: it costs the same for one row and for a thousand. Rows are covered as they are loaded, so a page,
its file and its sorting cannot differ; covered rows are for showing and are never stored.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet
from django.db.models.query import ModelIterable

Decide = Callable[[Any], "Veil"]

LEFT_OUT = "Sums leave these amounts out."

_deciding: list[Decide] = []


def decided_by(decide: Decide) -> None:
    """Register who says what is sealed from a person."""
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
class Among:
    """The rows of a list of which something is sealed: one by one, and, where a rule seals all of a program, counted."""

    uids: tuple[UUID, ...] = ()
    ruled: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.uids or self.ruled)

    def __or__(self, other: "Among") -> "Among":
        """Both lists; a row that a rule seals in both is counted where there are more."""
        both = {key: max(self.ruled.get(key, 0), n) for key, n in other.ruled.items()}
        return Among((*self.uids, *other.uids), {**self.ruled, **both})


@dataclass(frozen=True)
class Veil:
    """What is sealed from one person: of each record its fields, with the category in words; and of whole programs the
    fields that a rule seals of all their payments and vouchers. `program_of` finds a record's program by identifiers."""

    records: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict)
    programs: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    program_of: Callable[[Collection[UUID]], Mapping[UUID, int]] = lambda uids: {}

    def __bool__(self) -> bool:
        return bool(self.records or self.programs)

    def holding(self, *names: str) -> list[UUID]:
        """The records of which one of these fields is sealed by itself; without names, of which anything is."""
        return [uid for uid, of in self.records.items() if _is_of(of, names)]

    def ruled(self, *names: str) -> list[int]:
        """The programs, by key, of which a rule seals one of these fields of every payment."""
        return [key for key, of in self.programs.items() if _is_of(of, names)]

    def holds(self, *names: str) -> bool:
        """Is one of these fields sealed anywhere?"""
        return bool(self.holding(*names) or self.ruled(*names))

    def sealed(self, *names: str, uid: str = "uid") -> Q:
        """One of these fields is sealed. `uid`: where the row has the identifier of the payment or voucher."""
        found = Q(**{f"{uid}__in": self.holding(*names)})
        ruled = self.ruled(*names)
        return found | Q(**{f"{uid.removesuffix('uid')}program__in": ruled}) if ruled else found

    def open(self, *names: str, uid: str = "uid") -> Q:
        """None of these fields is sealed. For a filter that compares them: what is sealed is never compared."""
        return ~self.sealed(*names, uid=uid)

    def covers(self, row: Any, *names: str) -> bool:
        """Is one of these fields sealed of this payment or voucher?"""
        return _is_of(self._of(row), names)

    def _of(self, row: Any) -> Mapping[str, str]:
        ruled = self.programs.get(getattr(row, "program_id", None) or 0, {})
        return {**ruled, **self.records.get(row.uid, {})}

    def among(self, rows: QuerySet[Any], *names: str, uid: str = "uid") -> Among:
        """The rows of which one of these fields is sealed. No query where nothing is."""
        held, ruled = self.holding(*names), self.ruled(*names)
        rows, program = rows.order_by(), f"{uid.removesuffix('uid')}program"
        by_rule: dict[int, int] = {}
        if ruled:
            counted = rows.filter(**{f"{program}__in": ruled}).values(program).distinct()
            by_rule = dict(counted.annotate(n=Count("pk")).values_list(program, "n"))
            rows = rows.exclude(**{f"{program}__in": ruled})
        found = rows.filter(**{f"{uid}__in": held}).values_list(uid, flat=True) if held else ()
        return Among(tuple(found), by_rule)

    def without(self, rows: Any, *names: str, uid: str = "uid") -> Any:
        """The rows of which none of these fields is sealed. For sums: one of few rows would tell an amount."""
        return rows.exclude(self.sealed(*names, uid=uid)) if self.holds(*names) else rows

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
        if isinstance(row, Sealable) and (of := self._of(row)):
            row.cover({name: Covered(category) for name, category in of.items()})

    def notice(self, among: Among | Iterable[UUID], *, sums: str = "") -> "Notice | None":
        """What a page says of those of its records of which something is sealed; None where there are none. One query
        for identifiers, where a rule seals anything at all."""
        found = among if isinstance(among, Among) else self._named(set(among))
        held = [self.records[uid] for uid in set(found.uids) if self.records.get(uid)]
        ruled = [self.programs[key] for key in found.ruled if key in self.programs]
        why = sorted({category for of in (*held, *ruled) for category in of.values()})
        count = len(held) + sum(found.ruled.values())
        return Notice(count, tuple(why), sums) if count else None

    def _named(self, uids: set[UUID]) -> Among:
        programs = self.program_of(uids) if self.programs and uids else {}
        ruled = Counter(key for key in programs.values() if key in self.programs)
        return Among(tuple(u for u in uids if programs.get(u) not in self.programs), ruled)

    def also(self, uids: Iterable[UUID], name: str) -> "Veil":
        """The same with one more field sealed, of records that would tell what is sealed of another."""
        known = (*self.records.values(), *self.programs.values())
        why = next((of[name] for of in known if name in of), "")
        more = {uid: {name: why, **self.records.get(uid, {})} for uid in uids}
        return replace(self, records={**self.records, **more})


def _is_of(of: Mapping[str, str], names: Collection[str]) -> bool:
    return bool(of) and (not names or not of.keys().isdisjoint(names))


@dataclass(frozen=True)
class Notice:
    """Of how many rows something is sealed, why, and what that does to the sums of the page."""

    count: int
    categories: tuple[str, ...]
    sums: str = ""


def veil_for(user: Any) -> Veil:
    """What is sealed from this person. The same number of queries whatever is sealed; ask once per page."""
    for decide in _deciding:
        return decide(user)
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

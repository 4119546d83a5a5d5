"""What released rows state, by record, over all versions; and the equations in which what they withhold is unknown."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from tracker.publishing.content.cells import Cell, is_withheld
from tracker.publishing.inference import Interval, System
from tracker.publishing.inference.systems import Number

NOT_STATED: Cell = {"state": "not_stated"}
# Their subject is the program, or they repeat what other rows say.
NOT_RECORDS = frozenset({"participant", "total", "withheld", "withheld_summary"})


class RowLike(Protocol):
    """A row that is to be released, or was."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> UUID: ...
    @property
    def cells(self) -> Mapping[str, Cell]: ...


class Ref(NamedTuple):
    """A cell of a record: what an unknown is called."""

    kind: str
    record: str
    field: str


class Secret(NamedTuple):
    """What a withheld cell hides, as the office knows it: to judge how near somebody outside comes to it."""

    value: Fraction | None  # None: nothing is stated there
    currency: str = ""


@dataclass(frozen=True)
class Told:
    """Something that no equation says: a name, a day, a text, and how somebody outside has it."""

    ref: Ref
    how: str
    grade: str
    remedies: tuple[Ref, ...] = ()  # what to withhold besides, where that helps


@dataclass(frozen=True)
class Version:
    """Rows that were released together, or would be. `named` as a sentence has it: “release 2”."""

    named: str
    rows: tuple[RowLike, ...]

    @cached_property
    def by_kind(self) -> dict[str, list[RowLike]]:
        found: dict[str, list[RowLike]] = defaultdict(list)
        for row in self.rows:
            found[row.kind].append(row)
        return found

    def of(self, kind: str) -> list[RowLike]:
        return self.by_kind.get(kind, [])


def version(named: str, rows: Iterable[RowLike]) -> Version:
    return Version(named, tuple(rows))


def cell_of(row: RowLike, name: str) -> Cell:
    return row.cells.get(name, NOT_STATED)


def said(row: RowLike, name: str) -> Any:
    found = cell_of(row, name)
    return found.get("value") if found["state"] == "stated" else None


def number_of(value: Any) -> Fraction | None:
    """Money in minor units; decimals as they are written."""
    if isinstance(value, dict):
        return Fraction(value["minor"]) if "minor" in value else None
    if isinstance(value, str):
        try:
            return Fraction(Decimal(value))
        except ArithmeticError:
            return None
    return Fraction(value) if isinstance(value, int) else None


@dataclass
class Sum:
    """Numbers and unknowns that are added up."""

    value: Fraction = Fraction(0)
    terms: dict[Hashable, Fraction] = field(default_factory=dict)

    def add(self, other: "Sum", times: Number = 1) -> "Sum":
        self.value += other.value * times
        for name, factor in other.terms.items():
            self.terms[name] = self.terms.get(name, Fraction(0)) + factor * times
        return self


@dataclass
class Facts:
    """Everything that is public together. `newest` decides what is withheld now; `secrets` what that hides."""

    versions: list[Version]  # the newest first
    secrets: Mapping[Ref, Secret]
    names: Mapping[Ref, str] = field(
        default_factory=dict
    )  # withheld texts: to judge whether a guess is right
    opened: frozenset[Ref] = frozenset()  # judged as if the newest version withheld these too
    system: System = field(default_factory=System)
    told: list[Told] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # what was not judged, and why
    remedies: dict[tuple[str, Ref], list[Ref]] = field(default_factory=dict)

    @property
    def newest(self) -> Version:
        return self.versions[0]

    @cached_property
    def withheld(self) -> dict[Ref, Cell]:
        """Every cell that the newest version withholds. Participants share a subject: `names` looks at them."""
        return {
            Ref(row.kind, str(row.subject), name): cell
            for row in self.newest.rows
            if row.kind not in NOT_RECORDS
            for name, cell in row.cells.items()
            if is_withheld(cell)
        } | {ref: {"state": "withheld"} for ref in self.opened}

    @cached_property
    def stated(self) -> dict[Ref, tuple[Any, str]]:
        """What some version states of cells that the newest withholds, and which; the newest that does."""
        hidden = {(kind, record) for kind, record, _ in self.withheld}
        found: dict[Ref, tuple[Any, str]] = {}
        for one in self.versions[1:]:
            for row in one.rows:
                if (row.kind, str(row.subject)) in hidden:
                    for name, cell in row.cells.items():
                        ref = Ref(row.kind, str(row.subject), name)
                        if ref in self.withheld and cell["state"] == "stated":
                            found.setdefault(ref, (cell["value"], one.named))
        return found

    @cached_property
    def lifted(self) -> dict[Ref, Any]:
        """What an older version withholds and the newest states."""
        hidden = {
            Ref(row.kind, str(row.subject), name)
            for one in self.versions[1:]
            for row in one.rows
            for name, cell in row.cells.items()
            if is_withheld(cell) and row.kind not in NOT_RECORDS
        } - set(self.withheld)
        if not hidden:
            return {}
        records = {(kind, record) for kind, record, _ in hidden}
        return {
            ref: row.cells[ref.field].get("value")
            for row in self.newest.rows
            if (row.kind, str(row.subject)) in records
            for ref in (Ref(row.kind, str(row.subject), name) for name in row.cells)
            if ref in hidden
        }

    def unknown(self, ref: Ref) -> Sum:
        return Sum(terms={ref: Fraction(1)})

    def of(self, row: RowLike, name: str) -> Sum | None:
        """The number in a cell of this row, or the unknown; None where nothing is stated."""
        cell = cell_of(row, name)
        if is_withheld(cell):
            ref = Ref(row.kind, str(row.subject), name)
            if ref in self.lifted:
                number = number_of(self.lifted[ref])
                return None if number is None else Sum(number)
            secret = self.secrets.get(ref)
            return None if secret is not None and secret.value is None else self.unknown(ref)
        if self.opened and Ref(row.kind, str(row.subject), name) in self.opened:
            return self.unknown(Ref(row.kind, str(row.subject), name))
        number = number_of(cell.get("value"))
        return None if number is None else Sum(number)

    def hides(self, row: RowLike, name: str) -> bool:
        """Withheld, or judged as if it were."""
        if is_withheld(cell_of(row, name)):
            return True
        return bool(self.opened) and Ref(row.kind, str(row.subject), name) in self.opened

    def equal(
        self,
        left: Sum,
        right: Sum,
        source: str,
        *,
        always: bool = True,
        remedies: Iterable[Ref] = (),
    ) -> None:
        """The two sides are the same. What is not `always` so is left out where the office knows better. `remedies`: cells
        whose withholding would leave more than one possibility."""
        both = Sum().add(left).add(right, -1)
        terms = {name: factor for name, factor in both.terms.items() if factor}
        if not terms:
            return
        true = self._true(terms)
        if true is not None and true != -both.value:
            if always:
                self.unsure.append(f"{source}: with the withheld values this does not add up")
            return
        self.system.equate(terms, -both.value, source)
        self._remember(terms, source, remedies)

    def _remember(self, terms: Iterable[Hashable], source: str, remedies: Iterable[Ref]) -> None:
        known = list(remedies)
        for name in terms:
            if known and isinstance(name, Ref):
                self.remedies.setdefault((source, name), []).extend(known)

    def at_most(self, left: Sum, right: Sum, source: str, remedies: Iterable[Ref] = ()) -> None:
        """The left side is no more than the right. Left out where the office knows better."""
        both = Sum().add(left).add(right, -1)
        terms = {name: factor for name, factor in both.terms.items() if factor}
        true = self._true(terms) if terms else None
        if terms and (true is None or true <= -both.value):
            self.system.at_most(terms, -both.value, source)
            self._remember(terms, source, remedies)

    def _true(self, terms: Mapping[Hashable, Fraction]) -> Fraction | None:
        total = Fraction(0)
        for name, factor in terms.items():
            secret = self.secrets.get(name) if isinstance(name, Ref) else None
            if secret is None or secret.value is None:
                return None
            total += secret.value * factor
        return total

    def within(self, ref: Ref, low: Number | None, high: Number | None, source: str = "") -> None:
        """A bound that the true value does not keep is nobody's knowledge: a stand-in of another record, say."""
        secret = self.secrets.get(ref)
        value = None if secret is None else secret.value
        if value is None or Interval(low, high).holds(value):
            self.system.within(ref, low, high, source)

    def could_be(self, ref: Ref, name: str) -> bool:
        """Is this guess of a withheld text right? So it is taken where the office's own text is not at hand."""
        return self.names.get(ref, name) == name

    def tell(self, ref: Ref, how: str, grade: str = "exact", remedies: Iterable[Ref] = ()) -> None:
        self.told.append(Told(ref, how, grade, tuple(remedies)))

    @cached_property
    def reversals(self) -> set[str]:
        """Identifiers of the transactions that take another back: their figures are below zero."""
        rows = self.newest.of("transaction")
        return {str(row.subject) for row in rows if said(row, "reverses")}

    def withheld_before(self) -> Iterator[tuple[Ref, Cell]]:
        """What older versions put in the place of what the newest withholds too."""
        records = {(kind, record) for kind, record, _ in self.withheld}
        for one in self.versions[1:]:
            for row in one.rows:
                if (row.kind, str(row.subject)) in records:
                    for name, cell in row.cells.items():
                        ref = Ref(row.kind, str(row.subject), name)
                        if is_withheld(cell) and ref in self.withheld:
                            yield ref, cell

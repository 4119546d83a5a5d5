"""What is withheld for security is withheld from auditors, too, until they break the glass.

A field withheld as classified or for operational security is covered at the auditor's desk for everybody who is not of
the owner's own side. The payee of a transaction is covered in its voucher and every version of that as well.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from tracker.accounts.models import SIGNERS, Role, User
from tracker.journal.queries import Event, fields_of, history_of
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.publishing.content.entries import JOURNAL_KINDS, MODELS, cell_names
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import (
    BrokenGlass,
    Category,
    Scope,
    Withholding,
    WithholdingQuerySet,
)
from tracker.publishing.queries.records import program_of, within
from tracker.shared.clock import database_now
from tracker.shared.sealing import Veil

SEALING = (Category.OPERATIONAL_SECURITY, Category.CLASSIFIED)
OWN_SIDE = (Role.OFFICER, *SIGNERS, Role.DISCLOSURE)
_VOUCHERS = ("voucher", "voucher_version")
_THROUGH = ("version__uid", "version__voucher__uid", "reversal__uid")  # they say the same

Sealed = dict[str, Withholding]


def _sealing(user: User) -> WithholdingQuerySet:
    """Withholdings in force for security, of programs to whose own side the person does not belong. A delay is none:
    it holds payments back from the public alone."""
    own = Program.objects.held_as(user, *OWN_SIDE).values("pk")
    found = Withholding.objects.in_force().filter(category__in=SEALING)
    found = found.exclude(program__in=own).exclude(scope=Scope.DELAY)
    return found.select_related("program__owner")


def _named(user: User) -> WithholdingQuerySet:
    """Those that name a record."""
    return _sealing(user).filter(record__isnull=False)


def _rules(user: User) -> dict[str, dict[int, list[Withholding]]]:
    """Those that cover every record of a kind in a program. One query."""
    found: dict[str, dict[int, list[Withholding]]] = {}
    for rule in _sealing(user).filter(scope=Scope.RULE).order_by("pk"):
        found.setdefault(rule.record_kind, {}).setdefault(rule.program_id, []).append(rule)
    return found


def _covers(withholding: Withholding) -> Iterable[str]:
    """The fields that it withholds."""
    if withholding.scope == Scope.RECORD:
        return sorted(WITHHOLDABLE.get(withholding.record_kind, ()))
    return (withholding.field,)


def _posted_from(user: User, records: Collection[UUID] | None) -> dict[UUID, set[UUID]]:
    """For vouchers, versions and reversals among the records (None: among all): the transactions, of which something is
    sealed, that were posted from them or that they take back."""
    sealed = Transaction.objects.filter(uid__in=_named(user).values("record"))
    if records is not None:
        of_voucher = Q(version__uid__in=records) | Q(version__voucher__uid__in=records)
        sealed = sealed.filter(of_voucher | Q(reversal__uid__in=records))
    found: dict[UUID, set[UUID]] = {}
    for uid, *through in sealed.values_list("uid", *_THROUGH):
        for one in through:
            if one is not None:
                found.setdefault(one, set()).add(uid)
    return found


def sealed_among(user: User, records: Iterable[UUID]) -> dict[UUID, list[Withholding]]:
    """Which of these records the person may not read whole, and by which withholdings."""
    asked = set(records)
    found = _named_among(user, asked)
    for kind, by_program in _rules(user).items():
        for rows in within(kind, list(by_program), asked):
            for uid, program in rows:
                found.setdefault(uid, []).extend(by_program[program])
    return found


def _named_among(user: User, asked: set[UUID] | None) -> dict[UUID, list[Withholding]]:
    """By withholdings that name a record; None asks for all of these. Two queries."""
    through = _posted_from(user, asked)
    sealing = _named(user)
    if asked is not None:
        sealing = sealing.filter(record__in=asked.union(*through.values()))
    covers: dict[UUID, set[UUID]] = {}
    for uid, posted in through.items():
        for one in posted:
            covers.setdefault(one, set()).add(uid)
    found: dict[UUID, list[Withholding]] = {}
    for withholding in sealing:
        if withholding.record is not None:
            held = covers.get(withholding.record, set()) | {withholding.record}
            for uid in held if asked is None else asked & held:
                found.setdefault(uid, []).append(withholding)
    return found


def sealed_for(user: User) -> Veil:
    """What is sealed from the person, each with its category in words: for the pages of lower rooms, which cover their
    rows with it (`shared/sealing.py`). What a rule covers is told by program, never record by record. Three queries."""
    rules = _rules(user).get("transaction", {})
    return Veil(
        records={uid: _in_words(found) for uid, found in _named_among(user, None).items()},
        programs={program: _in_words(found) for program, found in rules.items()},
        program_of=program_of,
    )


def _in_words(found: list[Withholding]) -> dict[str, str]:
    return {field: one.get_category_display() for one in found for field in _covers(one)}


def is_sealed(user: User, record: str) -> Combinable | Q:
    """Is something of the record, named by this column, withheld from the person? For querysets of other rooms."""
    sealing = _named(user)
    posted = Transaction.objects.filter(uid__in=sealing.values("record")).filter(
        Q(version__uid=OuterRef(record))
        | Q(version__voucher__uid=OuterRef(record))
        | Q(reversal__uid=OuterRef(record))
    )
    found: Combinable | Q = Exists(sealing.filter(record=OuterRef(record))) | Exists(posted)
    for kind, by_program in _rules(user).items():
        for rows in within(kind, list(by_program), OuterRef(record)):
            found = found | Exists(rows)
    return found


def journal_fields(kind: str, field: str) -> set[str]:
    """The fields of the kind's entries in which a withheld field of a release stands: an amount has its currency."""
    own = next((k for k in MODELS if JOURNAL_KINDS.get(k, k) == kind), None)
    released = "transaction" if kind in _VOUCHERS else own
    if released is None:
        return {field} & set(fields_of(kind))
    names = {name for name, cell in cell_names(released).items() if cell == field}
    return (names | {field}) & set(fields_of(kind))


def sealed_of(user: User, kind: str, record: UUID) -> Sealed:
    """The fields of a record's entries that the person may not read, each with the withholding that says why."""
    return sealed_fields(kind, sealed_among(user, [record]).get(record, []))


def sealed_fields(kind: str, withholdings: Iterable[Withholding]) -> Sealed:
    return {
        name: withholding
        for withholding in withholdings
        for field in _covers(withholding)
        for name in journal_fields(kind, field)
    }


def standing_glass(user: User, record: UUID) -> BrokenGlass | None:
    """The glass that the person broke over a record, while it is broken. It expires by itself."""
    glasses = BrokenGlass.objects.filter(broken_by=user, record=record).select_related("program")
    newest = glasses.order_by("-pk").first()
    return newest if newest is not None and newest.expires_at > database_now() else None


@dataclass(frozen=True)
class Revealed:
    """What a sealed field said in one entry."""

    event: Event
    values: dict[str, Any]


def revealed(user: User, kind: str, record: UUID) -> list[Revealed]:
    """The sealed values of a record in each of its entries, newest first. For the action that records the reading."""
    sealed = sealed_of(user, kind, record)
    return [
        Revealed(event, {n: v for n, v in event.values.items() if n in sealed})
        for event in history_of(record)
    ]

"""How much one withholding covers, and what it has to name for that."""

from uuid import UUID

from tracker.publishing import standins
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Scope
from tracker.shared.errors import Refused


def check_is_withholdable(kind: str, field: str) -> None:
    """Only what `fields.py` calls so: the rest is public, or is never released at all."""
    if field not in WITHHOLDABLE.get(kind, ()):
        names = ", ".join(sorted(WITHHOLDABLE.get(kind, ()))) or "nothing"
        raise Refused(
            {"field": f"“{field}” of a {kind} cannot be withheld. What can be withheld: {names}."}
        )


# What the audit office publishes passes nobody else: others withhold single fields of it, each with its own reason.
AUDITORS_OWN = ("engagement", "finding", "recommendation")
MOST_DAYS = 3650


def check_scope(
    scope: str, kind: str, record: UUID | None, field: str, days: int | None = None
) -> None:
    """Does the proposal name what its scope asks for, and no more?"""
    if scope not in Scope.values:
        raise Refused({"scope": "Say how much is withheld: a field, a record, a rule or a delay."})
    if scope == Scope.DELAY:
        _check_delay(kind, record, field, days)
        return
    if days is not None:
        raise Refused({"days": "Days are for a delay alone."})
    if scope != Scope.FIELD and kind in AUDITORS_OWN:
        raise Refused(
            {
                "scope": f"Of what auditors publish, such as a {kind}, only single fields are withheld."
            }
        )
    if scope == Scope.RECORD:
        if field or kind not in WITHHOLDABLE:
            raise Refused({"field": "A whole record is withheld: name no single field of it."})
    else:
        check_is_withholdable(kind, field)
    _check_names_its_record(scope, kind, record)


def _check_delay(kind: str, record: UUID | None, field: str, days: int | None) -> None:
    if kind != "transaction" or record is not None or field:
        raise Refused({"scope": "A delay is for payments, and for all of them."})
    if days is None or not 1 <= days <= MOST_DAYS:
        raise Refused({"days": f"Say for how many days: from 1 to {MOST_DAYS}."})


def _check_names_its_record(scope: str, kind: str, record: UUID | None) -> None:
    if scope == Scope.RULE and record is not None:
        raise Refused({"record": "A rule is for every record of its kind: name none."})
    if scope == Scope.RULE and kind == "program":
        raise Refused({"scope": "There is one program: withhold the field of it, without a rule."})
    if scope != Scope.RULE and record is None:
        raise Refused({"record": "Say which record."})


def check_how(
    scope: str, field: str, stand_in: object, minimum_percent: int | None, in_sums: bool
) -> None:
    """Stand-ins, minimum widths and sums only where there is something that they can be of."""
    if stand_in is not None and scope not in (Scope.FIELD, Scope.RULE):
        raise Refused({"stand_in": "A stand-in is for one field, or for a rule about one."})
    if minimum_percent is not None:
        fits = scope == Scope.RULE and standins.shape_of(field) in (
            standins.MONEY,
            standins.NUMBER,
        )
        if not fits:
            raise Refused({"minimum_percent": "Only a rule about amounts or numbers has a width."})
        if not standins.LEAST <= minimum_percent <= 100:
            raise Refused({"minimum_percent": f"From {standins.LEAST} to 100 percent."})
    if in_sums and field != "amount" and scope != Scope.RECORD:
        raise Refused({"in_sums": "Only amounts can be in a sum."})

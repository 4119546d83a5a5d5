"""The receipts of a record's events: who may see the record may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tracker.accounts.models import User
from tracker.audits.models import Engagement, Finding, Recommendation
from tracker.journal import queries as journal
from tracker.journal.receipts import Receipt, proof_of, receipts
from tracker.journal.sealed import sealed
from tracker.ledger.models import Certification, Period, Transaction, Voucher
from tracker.programs.models import Objective, Program, StatedFigure
from tracker.publishing.models import Report, Withholding
from tracker.results.models import Indicator, Measurement, Target
from tracker.uploads.models import Upload

Seen = Callable[[User, UUID], QuerySet[Any]]


def _own(model: Any, field: str = "uid") -> Seen:
    return lambda user, uid: model.objects.visible_to(user).filter(**{field: uid})


# The kind of an entry: the records of that kind that a person sees, by what its page is about.
SEEN: dict[str, Seen] = {
    "program": _own(Program),
    "objective": _own(Objective),
    "stated_figure": _own(StatedFigure),
    "indicator": _own(Indicator),
    "target": _own(Target),
    "measurement": _own(Measurement),
    "voucher": _own(Voucher),
    "voucher_version": _own(Voucher, "versions__uid"),
    "approval": _own(Voucher, "versions__approvals__uid"),
    "voucher_return": _own(Voucher, "versions__returns__uid"),
    "transaction": _own(Transaction),
    "period": _own(Period),
    "period_change": _own(Period, "changes__uid"),
    "period_decision": _own(Period, "changes__decision__uid"),
    "certification": _own(Certification),
    "upload": _own(Upload),
    "engagement": _own(Engagement),
    "finding": _own(Finding),
    "recommendation": _own(Recommendation),
    "report": _own(Report),
    "withholding": _own(Withholding),
}
STATED = ("value_date", "measured_on", "issued_on", "period_end", "starts_on")


@dataclass(frozen=True)
class Event:
    """One event of the record. What it says is told to whoever did it; others see it on the record's own page."""

    receipt: Receipt
    kind: str
    op: str
    mine: bool
    sentence: str
    stated_on: str | None

    @property
    def label(self) -> str:
        return self.kind.replace("_", " ")


@dataclass(frozen=True)
class ReceiptsPage:
    record: UUID
    kind: str
    events: list[Event]


def receipts_page(record: UUID, user: User) -> ReceiptsPage | None:
    """None where the record does not exist, has no page of its own, or is not the person's to see."""
    events = journal.history_of(record)
    if not events or not _may_see(user, events[0].kind, record):
        return None
    found = receipts([event.number for event in events])
    told = [_event(event, found[event.number], user) for event in events]
    return ReceiptsPage(record, events[0].kind, told)


def _may_see(user: User, kind: str, record: UUID) -> bool:
    return kind in SEEN and SEEN[kind](user, record).exists()


def _event(event: journal.Event, receipt: Receipt, user: User) -> Event:
    mine = receipt.actor == user.uid
    dates = (event.values.get(name) for name in STATED)
    stated = next((str(day) for day in dates if day), None) if mine else None
    return Event(receipt, event.kind, event.op, mine, event.sentence if mine else "", stated)


def receipt_proof(page: ReceiptsPage, rev: int) -> str | None:
    """The proof of one event: with every value for whoever did it, the bare entry for others. None while it waits."""
    event = next((one for one in page.events if one.receipt.rev == rev), None)
    entry = sealed(page.record, rev)
    if event is None or entry is None:
        return None
    proof = proof_of(entry.number, entry.body, entry.disclosures if event.mine else {})
    return None if proof is None else str(proof)

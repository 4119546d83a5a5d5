"""What a person did in the records of programs: who made or approved anything cannot audit it (OVERSIGHT 6.2)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Value

from tracker.accounts.models import User
from tracker.ledger.models import (
    AlternativeValue,
    Approval,
    AuthorityChange,
    AuthorityDecision,
    AuthorityStage,
    Certification,
    DiscrepancyStep,
    EmergencyPosting,
    EmergencyReview,
    PeriodChange,
    PeriodDecision,
    Return,
    Revaluation,
    RevaluationDecision,
    Statement,
    SuppliedDocument,
    VoucherEdit,
    VoucherVersion,
    Waiver,
    WaiverDecision,
)
from tracker.programs.models import Program
from tracker.results.models import Measurement, Target
from tracker.uploads.models import Upload

Programs = Collection[Program]
Where = Callable[[Programs], Q]


@dataclass(frozen=True)
class Hand:
    """A kind of part in the records: what was done, in which rows, by whom and when.

    `named`, if given, leads from the row to the number that the sentence says.
    """

    did: str
    model: type[Any]
    where: Where
    person: str
    at: str
    named: str = ""

    def rows(self, people: Collection[int], programs: Programs, since: datetime) -> QuerySet[Any]:
        made = {f"{self.person}__in": people, f"{self.at}__gte": since}
        return self.model._base_manager.filter(self.where(programs), **made).order_by()

    def said(self, pk: int) -> str:
        if not self.named:
            return self.did
        number = self.model._base_manager.filter(pk=pk).values_list(self.named, flat=True).get()
        return f"{self.did} {number}"


def _voucher(path: str) -> Where:
    """A batch voucher names no program: its transactions do."""

    def where(programs: Programs) -> Q:
        return Q(**{f"{path}voucher__program__in": programs}) | Q(
            **{f"{path}voucher__versions__transactions__program__in": programs}
        )

    return where


def _program(path: str) -> Where:
    return lambda programs: Q(**{f"{path}__in": programs})


def _owner(path: str) -> Where:
    return lambda programs: Q(**{f"{path}__in": {program.owner_id for program in programs}})


_V, _OF_V = "voucher__number", "version__voucher__number"
HANDS: tuple[Hand, ...] = (
    Hand("edited voucher", VoucherEdit, _voucher(""), "person", "entry__at", _V),
    Hand("submitted voucher", VoucherVersion, _voucher(""), "submitted_by", "submitted_at", _V),
    Hand("approved voucher", Approval, _voucher("version__"), "approver", "approved_at", _OF_V),
    Hand("returned voucher", Return, _voucher("version__"), "returned_by", "returned_at", _OF_V),
    Hand(
        "stated what arrived of a dispatch",
        Statement,
        _program("about__program"),
        "stated_by",
        "stated_at",
    ),
    Hand(
        "took a step about a discrepancy",
        DiscrepancyStep,
        _program("discrepancy__about__program"),
        "taken_by",
        "taken_at",
    ),
    Hand(
        "proposed a revaluation",
        Revaluation,
        _program("transaction__program"),
        "proposed_by",
        "proposed_at",
    ),
    Hand(
        "decided on a revaluation",
        RevaluationDecision,
        _program("revaluation__transaction__program"),
        "decided_by",
        "decided_at",
    ),
    Hand(
        "recorded another value",
        AlternativeValue,
        _program("transaction__program"),
        "recorded_by",
        "recorded_at",
    ),
    Hand(
        "asked for a waiver for voucher", Waiver, _voucher(""), "requested_by", "requested_at", _V
    ),
    Hand(
        "decided on a waiver for voucher",
        WaiverDecision,
        _voucher("waiver__"),
        "decided_by",
        "decided_at",
        "waiver__voucher__number",
    ),
    Hand(
        "supplied a document for voucher",
        SuppliedDocument,
        _voucher(""),
        "supplied_by",
        "supplied_at",
        _V,
    ),
    Hand(
        "posted in an emergency voucher",
        EmergencyPosting,
        _voucher("version__"),
        "posted_by",
        "posted_at",
        _OF_V,
    ),
    Hand(
        "reviewed an emergency posting",
        EmergencyReview,
        _voucher("posting__version__"),
        "reviewed_by",
        "reviewed_at",
    ),
    Hand(
        "proposed to close or open a quarter",
        PeriodChange,
        _owner("period__organisation"),
        "proposed_by",
        "proposed_at",
    ),
    Hand(
        "decided on closing or opening a quarter",
        PeriodDecision,
        _owner("change__period__organisation"),
        "decided_by",
        "decided_at",
    ),
    Hand(
        "certified the figures of a quarter",
        Certification,
        _program("program"),
        "signed_by",
        "signed_at",
    ),
    Hand(
        "proposed a change of an authority",
        AuthorityChange,
        _owner("authority__organisation"),
        "proposed_by",
        "proposed_at",
    ),
    Hand(
        "decided on a change of an authority",
        AuthorityDecision,
        _owner("change__authority__organisation"),
        "decided_by",
        "decided_at",
    ),
    Hand(
        "recorded a stage of an authority",
        AuthorityStage,
        _owner("authority__organisation"),
        "recorded_by",
        "recorded_at",
    ),
    Hand(
        "recorded a measurement",
        Measurement,
        _program("indicator__program"),
        "recorded_by",
        "recorded_at",
    ),
    Hand("recorded a target", Target, _program("indicator__program"), "recorded_by", "recorded_at"),
    Hand("uploaded a file", Upload, _owner("organisation"), "uploaded_by", "uploaded_at"),
)


def parts_in(people: Iterable[User], programs: Programs, since: datetime) -> dict[int, str]:
    """What each of the people did with the records of the programs since then, by the person's key; nothing for who
    did nothing. One query for all of them, and one more for each person and number that is named."""
    keys = {person.pk for person in people}
    if not keys or not programs:
        return {}
    asked = [_asked(place, hand, keys, programs, since) for place, hand in enumerate(HANDS)]
    found: dict[int, tuple[int, int]] = {}
    for place, person, pk in asked[0].union(*asked[1:], all=True):
        if person not in found or place < found[person][0]:
            found[person] = (place, pk)
    return {person: HANDS[place].said(pk) for person, (place, pk) in found.items()}


def _asked(
    place: int, hand: Hand, people: set[int], programs: Programs, since: datetime
) -> QuerySet[Any]:
    rows = hand.rows(people, programs, since).annotate(who=F(hand.person))
    return rows.values("who").annotate(last=Max("pk")).values_list(Value(place), "who", "last")

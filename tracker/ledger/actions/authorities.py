"""Authorities: recording them, and the two persons behind every ceiling."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.models import (
    Authority,
    AuthorityChange,
    AuthorityChangeText,
    AuthorityDecision,
    AuthorityDecisionText,
    AuthorityKind,
    AuthorityStage,
    AuthorityYear,
    Availability,
    ChangeKind,
    ChangeStatus,
    Purpose,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of
from tracker.shared.refusals import Sentence, check_fields, refused_if

TITLE_USED = {"title": "An authority with this title is recorded already: use it."}
CHANGE_RULES: dict[str, Sentence] = {
    "authority_committed_within_ceiling": "More than that is committed under this authority: "
    "its ceiling cannot be that low. Reverse commitments first.",
    "authority_ceiling_set_once": "The ceiling of this year is set already: raise or lower it.",
    "authority_ceiling_moved_once_set": "No ceiling is set for this year: set it first.",
    "authority_ceiling_not_below_zero": "The ceiling would be below zero, or larger than this ledger can hold.",
    "authority_decision_by_a_second_person": "You proposed this change: another person decides on it.",
    "authority_change_in_its_currency": {
        "amount": "A ceiling is stated in the authority's currency."
    },
    "tracker_authoritydecision": "Somebody decided on this change at the same moment.",
    "out of range": "The ceiling would be larger than this ledger can hold.",
}


@dataclass(frozen=True)
class Dates:
    """How long money is available. The last day belongs to it."""

    availability: str = Availability.NOT_STATED
    available_from: date | None = None
    available_to: date | None = None


@transaction.atomic
def create_authority(
    *,
    organisation: Organisation,
    title: str,
    legal_basis: str,
    kind: str = AuthorityKind.NOT_STATED,
    purpose: str = Purpose.AID,
    currency: str = "",
    dates: Dates | None = None,
    by: User,
) -> Authority:
    """Record a legal authority that the organisation's vouchers may name.

    What is not stated limits nothing. Everything but its dates and ceilings stays as it is recorded: another basis,
    kind, purpose or currency is another authority.
    """
    policies.check_can_record_authority(by, organisation)
    dates = dates or Dates()
    authority = Authority(
        organisation=organisation,
        title=title.strip(),
        legal_basis=legal_basis.strip(),
        kind=kind,
        purpose=purpose,
        currency=currency.strip().upper(),
        **vars(dates),
    )
    if authority.currency:
        _check_currency(authority.currency)
    _check_dates(dates)
    if Authority.objects.filter(organisation=organisation, title=authority.title).exists():
        raise Refused(TITLE_USED)
    check_fields(authority)
    with refused_if({"authority_title_once": TITLE_USED}):
        authority.save()
    named = ("organisation", "title", "legal_basis", "kind", "purpose", "currency")
    fields = {name: getattr(authority, name) for name in named} | vars(dates)
    journal.record("authority", record=authority, op="create", by=by, fields=fields)
    return authority


def _check_currency(currency: str) -> None:
    try:
        digits_of(currency)
    except Refused as refusal:
        raise Refused({"currency": refusal.sentence}) from refusal


def _check_dates(dates: Dates) -> None:
    if dates.availability == Availability.DATED and dates.available_to is None:
        raise Refused({"available_to": "State the last day, or choose another availability."})
    if dates.availability != Availability.DATED and dates.available_to is not None:
        raise Refused(
            {"available_to": "Only money until a date has a last day: choose that, or clear it."}
        )
    if dates.available_from and dates.available_to and dates.available_from > dates.available_to:
        raise Refused({"available_to": "The last day lies before the first one."})


# --- Changes: proposed by one person, confirmed by another -----------------


@transaction.atomic
def propose_ceiling(
    *,
    authority: Authority,
    kind: str,
    fiscal_year: int,
    amount: Money,
    legal_reference: str,
    reason: str,
    stated_on: date,
    by: User,
) -> AuthorityChange:
    """Propose to set a year's ceiling, or to raise or lower it by `amount` (more than zero).

    `stated_on` is the day of the law or decision. Refuses a lowering below what is committed, a second setting, a
    currency that is not the authority's, a year that its organisation's calendar does not know.
    """
    policies.check_can_change_authority(by, authority)
    if kind not in (ChangeKind.SET, ChangeKind.RAISE, ChangeKind.LOWER):
        raise Refused({"kind": "Choose whether the ceiling is set, raised or lowered."})
    if amount.minor < 0 or (amount.minor == 0 and kind != ChangeKind.SET):
        raise Refused({"amount": "State by how much, as an amount above zero."})
    signed = -amount if kind == ChangeKind.LOWER else amount
    policies.check_ceiling_can_change(authority, kind, fiscal_year, signed)
    says = {"kind": kind, "fiscal_year": fiscal_year, "currency": signed.currency, "amount": signed}
    return _propose(authority, says, Dates(), legal_reference, reason, stated_on, by)


@transaction.atomic
def propose_availability(
    *,
    authority: Authority,
    dates: Dates,
    legal_reference: str,
    reason: str,
    stated_on: date,
    by: User,
) -> AuthorityChange:
    """Propose other dates for an authority. Commitments that stand are not touched."""
    policies.check_can_change_authority(by, authority)
    _check_dates(dates)
    says = {"kind": ChangeKind.AVAILABILITY}
    return _propose(authority, says, dates, legal_reference, reason, stated_on, by)


def _propose(
    authority: Authority,
    says: dict[str, Any],
    dates: Dates,
    legal_reference: str,
    reason: str,
    stated_on: date,
    by: User,
) -> AuthorityChange:
    reference, reason = legal_reference.strip(), reason.strip()
    if not reference:
        raise Refused({"legal_reference": "State the law or decision that says so."})
    if not reason:
        raise Refused({"reason": "Say why: the reason stays with the change."})
    text = AuthorityChangeText.objects.create(reason=reason)
    change = AuthorityChange(
        authority=authority,
        legal_reference=reference,
        stated_on=stated_on,
        text=text,
        text_digest=text.digest,
        proposed_by=by,
        **says,
        **vars(dates),
    )
    check_fields(change, exclude=("entry",))
    named = ("authority", "kind", "fiscal_year", "currency", "amount")
    fields = {name: getattr(change, name) for name in named} | vars(dates)
    fields |= {"legal_reference": reference, "stated_on": stated_on, "reason": reason}
    change.entry_id = journal.record(
        "authority_change", record=change, op="create", by=by, fields=fields
    )
    with refused_if(CHANGE_RULES):
        change.save(force_insert=True)
    path = reverse("ledger:authority", args=[authority.uid])
    sentence = f"A change of the authority “{authority.title}” waits for your confirmation."
    for person in queries.deciders_of(change):
        notify(person=person, sentence=sentence[:300], path=path)
    return change


@transaction.atomic
def decide_change(
    *, change: AuthorityChange, confirm: bool, reason: str = "", by: User
) -> AuthorityDecision:
    """Confirm a change, from when on it counts, or decline it with a reason. By another person than its proposer.

    What was possible when it was proposed is checked again: more may be committed by now.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=change.authority_id)
    related = ("authority__organisation", "decision", "proposed_by")
    change = AuthorityChange.objects.select_related(*related).get(pk=change.pk)
    policies.check_can_decide_change(by, change)
    if confirm and change.kind != ChangeKind.AVAILABILITY:
        _check_still_possible(change)
    if not confirm and not reason.strip():
        raise Refused({"reason": "Say why it is declined: the reason stays with it."})
    text = AuthorityDecisionText.objects.create(reason=reason.strip())
    decision = AuthorityDecision(
        change=change,
        verdict=ChangeStatus.CONFIRMED if confirm else ChangeStatus.DECLINED,
        text=text,
        text_digest=text.digest,
        decided_by=by,
    )
    decision.entry_id = journal.record(
        "authority_decision",
        record=decision,
        op="create",
        by=by,
        fields={"change": change, "verdict": decision.verdict, "reason": text.reason},
    )
    with refused_if(CHANGE_RULES):
        decision.save(force_insert=True)
    if change.proposed_by_id != by.pk:
        said = f"The change of “{change.authority.title}” was {decision.verdict}."
        path = reverse("ledger:authority", args=[change.authority.uid])
        notify(person=change.proposed_by, sentence=said[:300], path=path)
    return decision


def _check_still_possible(change: AuthorityChange) -> None:
    """Nobody commits under the year while it is decided."""
    assert change.fiscal_year is not None and change.amount is not None
    rows = AuthorityYear.objects.filter(
        authority=change.authority_id, fiscal_year=change.fiscal_year
    )
    list(rows.select_for_update().order_by("pk"))
    policies.check_ceiling_can_change(
        change.authority, change.kind, change.fiscal_year, change.amount
    )


# --- The ladder ------------------------------------------------------------


@transaction.atomic
def state_stage(
    *,
    authority: Authority,
    fiscal_year: int,
    stage: str,
    amount: Money,
    stated_on: date,
    citation: str,
    by: User,
) -> AuthorityStage:
    """Record what a source states of one rung of the budget ladder, cumulative for the fiscal year.

    It limits nothing and enters no total. A later statement of the same rung takes its place on the page; both stay.
    Refuses rungs that the authority's kind does not have (31 USC 1512 apportions appropriations, not drawdowns).
    """
    policies.check_can_change_authority(by, authority)
    policies.check_has_stage(authority, stage)
    if amount.minor < 0:
        raise Refused({"amount": "A stated amount is not below zero."})
    if authority.currency and amount.currency != authority.currency:
        raise Refused({"amount": f"The authority is in {authority.currency}: state it in that."})
    policies.check_is_fiscal_year(authority, fiscal_year)
    if not citation.strip():
        raise Refused({"citation": "Name the source: document, page, date."})
    fields: dict[str, Any] = {
        "authority": authority,
        "fiscal_year": fiscal_year,
        "stage": stage,
        "currency": amount.currency,
        "amount": amount,
        "stated_on": stated_on,
        "citation": citation.strip(),
    }
    row = AuthorityStage(**fields, recorded_by=by)
    check_fields(row, exclude=("entry",))
    row.entry_id = journal.record("authority_stage", record=row, op="create", by=by, fields=fields)
    row.save(force_insert=True)
    return row

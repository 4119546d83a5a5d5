"""The delegation of authority and what is handed over for some days: proposed by one person, confirmed by another."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.models import (
    ChangeStatus,
    Delegation,
    DelegationEnd,
    SigningDecision,
    SigningDecisionText,
    SigningLevel,
    SigningLimit,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of
from tracker.shared.refusals import Sentence, check_fields, refused_if

SIGNING_RULES: dict[str, Sentence] = {
    "signing_decision_by_a_second_person": "You have a part in this: another person decides on it.",
    "delegation_ended_once": "This delegation was ended at the same moment.",
    "tracker_delegationend": "This delegation was ended at the same moment.",
    "tracker_signingdecision": "Somebody decided on this at the same moment.",
}


# --- Limits ----------------------------------------------------------------


@transaction.atomic
def propose_limit(
    *,
    organisation: Organisation,
    level: str,
    currency: str,
    up_to: Money | None,
    valid_from: date,
    valid_until: date | None = None,
    kind: str = "",
    legal_reference: str,
    by: User,
) -> SigningLimit:
    """Propose up to which amount a level of signatures suffices; `up_to` None: without an upper limit.

    `kind` "" means every kind of voucher; a row for one kind comes before it. Once confirmed it takes the place of
    the row of the same level, kind and currency from `valid_from` to `valid_until` (inclusive, None: until further
    notice). Refuses days that lie behind, and an amount in another currency or below zero.
    """
    policies.check_can_propose_limit(by, organisation)
    if level not in SigningLevel.values:
        raise Refused({"level": "Choose one approver, two, or two of whom one is senior."})
    currency, reference = currency.strip().upper(), legal_reference.strip()
    _check_amount(currency, up_to)
    if not reference:
        raise Refused({"legal_reference": "State the decree or decision that says so."})
    policies.check_limit_days_fit(organisation, valid_from, valid_until)
    fields: dict[str, Any] = {
        "organisation": organisation,
        "level": level,
        "kind": kind,
        "currency": currency,
        "up_to": up_to,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "legal_reference": reference,
    }
    limit = SigningLimit(**fields, proposed_by=by)
    check_fields(limit, exclude=("entry",))
    limit.entry_id = journal.record(
        "signing_limit", record=limit, op="create", by=by, fields=fields
    )
    limit.save(force_insert=True)
    sentence = f"A limit in the delegation of authority of {organisation.label} waits for your confirmation."
    _tell(queries.deciders_of_limit(limit), sentence, _table_of(organisation))
    return limit


def _check_amount(currency: str, up_to: Money | None) -> None:
    try:
        digits_of(currency)
    except Refused as refusal:
        raise Refused({"currency": refusal.sentence}) from refusal
    if up_to is not None and up_to.currency != currency:
        raise Refused({"up_to": f"The limit is in {currency}: state its amount in that."})
    if up_to is not None and up_to.minor < 0:
        raise Refused(
            {"up_to": "A limit is not below zero; 0 means that this level never suffices."}
        )


@transaction.atomic
def decide_limit(
    *, limit: SigningLimit, confirm: bool, reason: str = "", by: User
) -> SigningDecision:
    """Put a limit in force, or decline it with a reason. By another administrator than its proposer."""
    Organisation.objects.select_for_update(no_key=True).get(pk=limit.organisation_id)
    related = ("organisation", "decision", "proposed_by")
    limit = SigningLimit.objects.select_related(*related).get(pk=limit.pk)
    policies.check_can_decide_limit(by, limit)
    decision = record_decision({"limit": limit}, confirm, reason, by)
    said = f"A limit in the delegation of authority of {limit.organisation.label} was {decision.verdict}."
    _tell([limit.proposed_by], said, _table_of(limit.organisation))
    return decision


def _table_of(organisation: Organisation) -> str:
    return reverse("ledger:signing_table", args=[organisation.uid])


def _tell(people: Iterable[User], sentence: str, path: str) -> None:
    for person in people:
        notify(person=person, sentence=sentence[:300], path=path)


def record_decision(about: dict[str, Any], confirm: bool, reason: str, by: User) -> SigningDecision:
    """The one row that every decision on signing becomes. `about` names what it is on."""
    if not confirm and not reason.strip():
        raise Refused({"reason": "Say why it is declined: the reason stays with it."})
    text = SigningDecisionText.objects.create(reason=reason.strip())
    decision = SigningDecision(
        **about,
        verdict=ChangeStatus.CONFIRMED if confirm else ChangeStatus.DECLINED,
        text=text,
        text_digest=text.digest,
        decided_by=by,
    )
    fields = about | {"verdict": decision.verdict, "reason": text.reason}
    decision.entry_id = journal.record(
        "signing_decision", record=decision, op="create", by=by, fields=fields
    )
    with refused_if(SIGNING_RULES):
        decision.save(force_insert=True)
    return decision


# --- Delegations -----------------------------------------------------------


@transaction.atomic
def propose_delegation(
    *,
    organisation: Organisation,
    delegate: User,
    valid_from: date,
    valid_until: date,
    by: User,
) -> Delegation:
    """Hand one's own approving to somebody else from day to day (inclusive). It counts once a third person confirms it.

    Refuses whoever is no approver, a delegate who sees no vouchers, audits or administrates, days that lie behind or
    overlap with another delegation of the same person. What was handed to somebody cannot be handed on.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    policies.check_can_delegate(by, organisation)
    policies.check_delegation_fits(by, delegate, organisation, valid_from, valid_until)
    fields: dict[str, Any] = {
        "organisation": organisation,
        "delegator": by,
        "delegate": delegate,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    delegation = Delegation(**fields)
    delegation.entry_id = journal.record(
        "delegation", record=delegation, op="create", by=by, fields=fields
    )
    delegation.save(force_insert=True)
    path = _page_of(delegation)
    sentence = f"{by} hands their approving to {delegate}: confirm or decline it."
    _tell(queries.deciders_of_delegation(delegation), sentence, path)
    _tell([delegate], f"{by} wants to hand their approving to you.", path)
    return delegation


def _page_of(delegation: Delegation) -> str:
    return reverse("ledger:delegation", args=[delegation.uid])


def _locked(delegation: Delegation) -> Delegation:
    """Deciding and ending it at the same moment become one after the other."""
    Organisation.objects.select_for_update(no_key=True).get(pk=delegation.organisation_id)
    related = ("organisation", "delegator", "delegate", "decision", "ending")
    return Delegation.objects.select_related(*related).get(pk=delegation.pk)


@transaction.atomic
def decide_delegation(
    *, delegation: Delegation, confirm: bool, reason: str = "", by: User
) -> SigningDecision:
    """Confirm a delegation, from when on it counts on its days, or decline it with a reason. By a third person."""
    delegation = _locked(delegation)
    policies.check_can_decide_delegation(by, delegation)
    decision = record_decision({"delegation": delegation}, confirm, reason, by)
    said = f"The delegation from {delegation.delegator} to {delegation.delegate} was {decision.verdict}."
    _tell([delegation.delegator, delegation.delegate], said, _page_of(delegation))
    return decision


@transaction.atomic
def end_delegation(*, delegation: Delegation, by: User) -> DelegationEnd:
    """End a delegation at once, before its last day. What was signed under it stays signed."""
    delegation = _locked(delegation)
    policies.check_can_end_delegation(by, delegation)
    ending = DelegationEnd(
        delegation=delegation, ended_on=delegation.organisation.today(), ended_by=by
    )
    fields = {"delegation": delegation, "ended_on": ending.ended_on}
    ending.entry_id = journal.record(
        "delegation_end", record=ending, op="create", by=by, fields=fields
    )
    with refused_if(SIGNING_RULES):
        ending.save(force_insert=True)
    others = {delegation.delegator, delegation.delegate} - {by}
    said = f"The delegation from {delegation.delegator} to {delegation.delegate} was ended by {by}."
    _tell(sorted(others, key=lambda p: p.pk), said, _page_of(delegation))
    return ending

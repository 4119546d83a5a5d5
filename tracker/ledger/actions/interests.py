"""Declaring interests, and ending them by the word of two."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.signing import record_decision
from tracker.ledger.models import (
    InterestDeclaration,
    InterestEnd,
    InterestEndText,
    InterestKind,
    InterestText,
    SigningDecision,
)
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def declare_interest(
    *,
    kind: str,
    concerns: Organisation | None = None,
    payee: str = "",
    note: str = "",
    by: User,
) -> InterestDeclaration:
    """Declare an interest of one's own in an organisation or in a payee, or that there is nothing else to declare.

    From this moment the person neither submits nor approves what concerns it. The payee is compared without case,
    punctuation and spacing. Refuses an interest that is declared already.
    """
    payee, note = payee.strip(), note.strip()
    _check_says(kind, concerns, payee)
    policies.check_interest_is_new(by, kind, concerns, payee)
    text = InterestText(payee=payee, note=note)
    check_fields(text)
    text.save()
    declaration = InterestDeclaration(
        person=by, kind=kind, concerns=concerns, text=text, text_digest=text.digest
    )
    fields: dict[str, Any] = {"person": by, "kind": kind, "concerns": concerns}
    declaration.entry_id = journal.record(
        "interest",
        record=declaration,
        op="create",
        by=by,
        fields=fields | {"payee": text.payee, "note": text.note},
    )
    declaration.save(force_insert=True)
    return declaration


def _check_says(kind: str, concerns: Organisation | None, payee: str) -> None:
    if kind not in InterestKind.values:
        raise Refused({"kind": "Choose what you declare."})
    if (concerns is not None) != (kind == InterestKind.ORGANISATION):
        raise Refused({"concerns": "Name the organisation if the interest is in one, else none."})
    named = bool(policies.normalised(payee))
    if named != (kind == InterestKind.PAYEE):
        raise Refused({"payee": "Name the payee if the interest is in one, else none."})


@transaction.atomic
def end_interest(*, declaration: InterestDeclaration, reason: str, by: User) -> InterestEnd:
    """Say that an interest of one's own is over. It blocks until another person confirms that."""
    declaration = _locked(declaration, by)
    policies.check_can_end_interest(by, declaration)
    if not reason.strip():
        raise Refused({"reason": "Say why it is over: the reason stays with it."})
    text = InterestEndText.objects.create(reason=reason.strip())
    end = InterestEnd(declaration=declaration, text=text, text_digest=text.digest)
    end.entry_id = journal.record(
        "interest_end",
        record=end,
        op="create",
        by=by,
        fields={"declaration": declaration, "reason": text.reason},
    )
    end.save(force_insert=True)
    path = reverse("ledger:interest", args=[declaration.uid])
    for person in queries.deciders_of_interest_end(end):
        sentence = f"{by} says that a declared interest is over: confirm or decline that."
        notify(person=person, sentence=sentence[:300], path=path)
    return end


def _locked(declaration: InterestDeclaration, person: User) -> InterestDeclaration:
    """One end at a time: the person is held until it is written."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    rows = InterestDeclaration.objects.select_related("person", "concerns", "text")
    return rows.prefetch_related("ends__decision").get(pk=declaration.pk)


@transaction.atomic
def decide_interest_end(
    *, end: InterestEnd, confirm: bool, reason: str = "", by: User
) -> SigningDecision:
    """Confirm that somebody's interest is over, from when on it blocks nothing, or decline that with a reason."""
    User.objects.select_for_update(no_key=True).get(pk=end.declaration.person_id)
    end = InterestEnd.objects.select_related("declaration__person", "decision").get(pk=end.pk)
    policies.check_can_decide_interest_end(by, end)
    decision = record_decision({"interest_end": end}, confirm, reason, by)
    path = reverse("ledger:interest", args=[end.declaration.uid])
    said = f"The end of an interest that you declared was {decision.verdict}."
    notify(person=end.declaration.person, sentence=said, path=path)
    return decision

"""Declaring independence, or what impairs it."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.audits import policies
from tracker.audits.actions.engagements import leave_team, lock_engagement
from tracker.audits.models import (
    UNDER_WAY,
    DeclarationText,
    Engagement,
    IndependenceDeclaration,
    Threat,
)
from tracker.journal import actions as journal
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def declare_independence(
    *,
    engagement: Engagement | None = None,
    threat: str = "",
    organisation: Organisation | None = None,
    note: str = "",
    by: User,
) -> IndependenceDeclaration:
    """Declare for the year (no engagement) or for one engagement. Without `threat`: that nothing impairs it.

    An impairment says in words what it is; a yearly one may be narrowed to one audited `organisation`. From then on
    the person is kept off what it touches: off the team of the engagement at once, except that the lead first hands
    the lead over. Another declaration replaces it.
    """
    if engagement is not None:
        engagement = lock_engagement(engagement)
    policies.check_can_declare(by, engagement)
    _check_says(engagement, threat, organisation, note)
    text = DeclarationText(note=note.strip())
    check_fields(text)
    text.save()
    today = _today(by, engagement)
    fields: dict[str, Any] = {
        "person": by,
        "engagement": engagement,
        "threat": threat,
        "organisation": organisation,
        "declared_on": today,
        "until": None if engagement else _a_year_from(today),
    }
    made = IndependenceDeclaration(**fields, text=text, text_digest=text.digest)
    made.entry_id = journal.record(
        "independence", record=made, op="create", by=by, fields=fields | {"note": text.note}
    )
    made.save(force_insert=True)
    if engagement is not None and threat:
        _step_aside(engagement, by)
    return made


def _check_says(
    engagement: Engagement | None, threat: str, organisation: Organisation | None, note: str
) -> None:
    if threat and threat not in Threat.values:
        raise Refused({"threat": "Choose what impairs your independence, or that nothing does."})
    if threat and not note.strip():
        raise Refused({"note": "Say what it is: it stays with those who plan engagements."})
    if organisation is not None and (engagement is not None or not threat):
        raise Refused(
            {
                "organisation": "Name an organisation only with an impairment that is declared for the year."
            }
        )


def _today(person: User, engagement: Engagement | None) -> date:
    office = engagement.office if engagement else person.organisation
    if office is None:
        raise Refused("You work for no organisation: an administrator adds you to an audit office.")
    return office.today()


def _a_year_from(day: date) -> date:
    """The last day of a year that begins on the day."""
    try:
        return day.replace(year=day.year + 1) - timedelta(days=1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def _step_aside(engagement: Engagement, person: User) -> None:
    """Off the team, and the lead is told. The lead stays named, and blocked, until another auditor leads."""
    if engagement.status in UNDER_WAY and engagement.lead_id != person.pk:
        leave_team(engagement, person, by=person)
    sentence = (
        f"{person} declared an impairment of independence for the engagement {engagement.number}."
    )
    for member in engagement.team.exclude(person=person).select_related("person"):
        notify(person=member.person, sentence=sentence, path=engagement.get_absolute_url())

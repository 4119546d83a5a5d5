"""Organisations, people and whether they may sign in."""

import zoneinfo
from collections.abc import Sequence
from functools import cache

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tracker.accounts import policies
from tracker.accounts.actions.roles import add_membership
from tracker.accounts.models import FiscalEra, MembershipStatus, Organisation, Role, User
from tracker.journal import actions as journal
from tracker.shared.calendars import Era
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_columns, refused_if

ALREADY_HERE = {"user_email_once": {"email": "Somebody with this e-mail address is already here."}}
NAME_TAKEN = {
    "organisation_name_once": {
        "name": "An organisation of this name exists already: use it, or add the country."
    }
}


def _organisation_fields(organisation: Organisation, eras: Sequence[Era]) -> dict[str, object]:
    return {
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
        "identifier": organisation.identifier,
        "country": organisation.country,
        "time_zone": organisation.time_zone,
        "fiscal_eras": [
            [e.begins_on, e.start_month, e.named_after_end, e.transition] for e in eras
        ],
    }


@transaction.atomic
def create_organisation(
    *,
    name: str,
    kind: str,
    short_name: str = "",
    identifier: str | None = None,
    country: str = "",
    time_zone: str = "UTC",
    fiscal_eras: Sequence[Era] = (),
    by: User | None,
) -> Organisation:
    """Add an organisation. `by=None` is the system itself, while it is being set up.

    `country` is a two-letter code, `time_zone` a name of the time zone database. Without `fiscal_eras` its fiscal
    years are calendar years.
    """
    if by is not None:
        policies.check_can_create_organisation(by)
    organisation = Organisation(
        name=" ".join(name.split()),
        kind=kind,
        short_name=short_name.strip(),
        identifier=(identifier or "").strip() or None,
        country=country.strip().upper(),
        time_zone=time_zone,
    )
    _check_place(organisation)
    with refused_if(NAME_TAKEN):
        check_columns(organisation)
        organisation.save()
    FiscalEra.objects.bulk_create(
        FiscalEra(
            organisation=organisation,
            begins_on=era.begins_on,
            start_month=era.start_month,
            named_after_end=era.named_after_end,
            transition=era.transition,
        )
        for era in fiscal_eras
    )
    fields = _organisation_fields(organisation, fiscal_eras)
    journal.record("organisation", record=organisation, op="create", by=by, fields=fields)
    return organisation


@cache
def _time_zones() -> set[str]:
    """Reading their names off the disk takes long; an upload may set up hundreds of organisations."""
    return zoneinfo.available_timezones()


def _check_place(organisation: Organisation) -> None:
    code = organisation.country
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise Refused({"country": "Write the country as its two letters, such as FR, or leave it."})
    if organisation.time_zone not in _time_zones():
        raise Refused({"time_zone": "This time zone is not known: write one such as Europe/Paris."})


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused({"password": error.messages}) from error


def _record_person(person: User, op: str, by: User | None) -> None:
    names = ("email", "name", "organisation", "is_active", "sessions_ended")
    fields = {name: getattr(person, name) for name in names}
    journal.record("person", record=person, op=op, by=by, fields=fields)


def create_person(
    *, email: str, name: str, organisation: Organisation, password: str, by: User | None
) -> User:
    """A new account. Part of another action: people come by invitation or are appointed."""
    person = User(email=email.strip().lower(), name=" ".join(name.split()))
    person.organisation = organisation
    _check_password(password, person)
    person.set_password(password)
    with refused_if(ALREADY_HERE):
        check_columns(person)
        person.save()
    _record_person(person, "create", by)
    return person


@transaction.atomic
def appoint_first_administrator(
    *, email: str, name: str, password: str, organisation: Organisation
) -> User:
    """Set up an organisation's first two administrators; from then on they invite everybody else.

    Two, because an approver's role needs a second administrator. A third is refused: ask the two. Should one of
    the two leave before there was a third, this fills the gap. It is done by whoever runs the server, and recorded
    as done by the system.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if policies.administrators_in_force(organisation).count() >= 2:
        raise Refused(f"{organisation} has two administrators: they invite the others.")
    person = create_person(
        email=email, name=name, organisation=organisation, password=password, by=None
    )
    add_membership(person, Role.ADMINISTRATOR, organisation, None, MembershipStatus.ACTIVE, by=None)
    return person


@transaction.atomic
def change_password(*, person: User, password: str) -> User:
    """A person chose a new password for themselves; every other session of theirs ends with the old one.

    Only they can: whoever calls this has asked for the old password or for a letter's secret.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    policies.check_can_choose_password(locked)
    _check_password(password, locked)
    person.set_password(password)
    person.save(update_fields=["password"])
    _record_person(person, "password", locked)
    return person


@transaction.atomic
def deactivate_person(*, person: User, by: User) -> User:
    """The person cannot sign in any more and their sessions end; their roles rest with the account."""
    return _switch_account(person, False, "deactivate", by)


@transaction.atomic
def reactivate_person(*, person: User, by: User) -> User:
    """The person can sign in again, with the roles they held."""
    return _switch_account(person, True, "reactivate", by)


def _switch_account(person: User, active: bool, op: str, by: User) -> User:
    # The organisation first: two administrators must not switch each other off at the same moment.
    Organisation.objects.select_for_update().filter(people=person).first()
    person = User.objects.select_for_update().get(pk=person.pk)
    policies.check_can_switch_account(by, person, active)
    person.is_active = active
    person.sessions_ended += 1
    person.save(update_fields=["is_active", "sessions_ended"])
    _record_person(person, op, by)
    return person

"""What waits of people: roles that a second administrator confirms, organisations with one administrator only."""

from datetime import date

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.queries import lacking_a_second_administrator, proposals_for
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import Group, Item, days_since, group_of, say_day, waited


def to_confirm(user: User, day: date) -> Group:
    """Roles that another administrator proposed for somebody else."""

    def say(row: Membership) -> Item:
        days = days_since(row.changed_at, day)
        why = (
            f"over {row.over} · proposed by {row.granted_by} on {say_day(row.changed_at)}"
            " · once confirmed, it is in force at once"
        )
        what = f"Confirm or decline: {row.person} as {row.get_role_display()}"
        return Item(what, addresses.ROLES, why, *waited(days), days)

    rows = proposals_for(user).exclude(person=user).exclude(granted_by=user)
    return group_of("Roles to confirm", rows, say, addresses.ROLES)


def to_appoint(user: User, day: date) -> Group:
    def say(organisation: Organisation) -> Item:
        why = "You are its only administrator: nobody can confirm the roles that you propose."
        what = f"Find a second administrator for {organisation.label}"
        return Item(what, addresses.PEOPLE, why)

    rows = lacking_a_second_administrator(user)
    return group_of("Organisations with one administrator", rows, say, addresses.PEOPLE)

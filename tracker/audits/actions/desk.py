"""The auditor's desk: searches kept under a name, and stars on values."""

from uuid import UUID

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import Engagement, SavedSearch, Star
from tracker.journal import actions as journal
from tracker.journal import queries as journal_queries
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields, refused_if

MOST_SEARCHES = 30  # their new rows are counted whenever the desk is opened


@transaction.atomic
def save_search(*, name: str, page: str, query: str, by: User) -> SavedSearch:
    """Keep a list with its filters under a name; one's own search of that name is replaced. A person's own, no entry."""
    name = name.strip()
    kept = SavedSearch.objects.select_for_update().filter(person=by)
    search = kept.filter(name=name).first() or SavedSearch(person=by, name=name)
    if search.pk is None and kept.count() >= MOST_SEARCHES:
        raise Refused(
            {"name": f"You keep {MOST_SEARCHES} searches: remove one, then save this one."}
        )
    search.page, search.query, search.seen = page, query, journal_queries.size()
    check_fields(search)
    search.save()
    return search


@transaction.atomic
def look_again(*, search: SavedSearch, by: User) -> SavedSearch:
    """The person runs the search: what is new is counted from now on."""
    policies.check_own(by, search.person_id)
    search.seen = journal_queries.size()
    search.save(update_fields=["seen"])
    return search


@transaction.atomic
def remove_search(*, search: SavedSearch, by: User) -> None:
    """Take a search of one's own away: it says nothing about any record, so nothing of it stays."""
    policies.check_own(by, search.person_id)
    search.delete()


@transaction.atomic
def put_star(
    *,
    record_kind: str,
    record: UUID,
    field: str,
    note: str,
    engagement: Engagement | None = None,
    by: User,
) -> Star:
    """Star one value of a record, as its newest entry states it. With `engagement`, its whole team reads the star.

    Whether the person sees the record is asked by whoever loads it.
    """
    policies.check_can_star(by, engagement)
    newest = journal_queries.newest_values([record]).get(record)
    if newest is None or field not in journal_queries.fields_of(record_kind):
        raise Refused({"field": f"A {record_kind.replace('_', ' ')} has no such field: {field}."})
    star = Star(
        person=by,
        engagement=engagement,
        record_kind=record_kind,
        record=record,
        field=field,
        note=note.strip(),
        at_entry=newest[0],
    )
    check_fields(star, exclude=("starred_at",))
    taken = {"field": "You starred this value already: remove that star first."}
    with refused_if({"star_once_per_value": taken, "tracker_star.person_id": taken}):
        star.save()
    _record(star, "create", by)
    return star


@transaction.atomic
def remove_star(*, star: Star, by: User) -> Star:
    """Take one's star away. That it was there stays in the journal."""
    star = Star.objects.select_for_update().get(pk=star.pk)
    policies.check_own(by, star.person_id)
    if star.removed_at is not None:
        raise Refused("This star was removed already.")
    star.removed_at = database_now()
    star.save(update_fields=["removed_at"])
    _record(star, "remove", by)
    return star


def _record(star: Star, op: str, by: User) -> None:
    names = ("person", "engagement", "record_kind", "record", "field", "note", "at_entry")
    fields = {name: getattr(star, name) for name in names}
    journal.record("star", record=star, op=op, by=by, fields=fields)

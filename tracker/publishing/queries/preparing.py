"""Releases on their way: with what they are compared, who waits for whom, what happened since."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Exists, IntegerField, OuterRef, Q, Value

from tracker.accounts.models import Role, User
from tracker.programs.models import Program
from tracker.publishing.models import DifferenceExplained, Preparation, Release, Stream, Tombstone
from tracker.publishing.queries.people import people_holding
from tracker.publishing.queries.programs import changes_since
from tracker.shared.clock import database_now


def release_before(program: Program, public_from: datetime | None = None) -> Release | None:
    """The newest release that the public can read when the next one becomes public.

    One that is under an embargo for longer is not compared with: the difference would tell what it says.
    """
    opens = max(filter(None, (database_now(), public_from)))
    gone = Tombstone.objects.standing().filter(release=OuterRef("pk"))
    found = Release.objects.filter(stream=Stream.PROGRAM, subject=program.uid)
    found = found.filter(Q(public_from=None) | Q(public_from__lte=opens)).exclude(Exists(gone))
    return found.order_by("-number").first()


def recorded_since(preparation: Preparation) -> int:
    """How many facts about the program were recorded since it was prepared."""
    found: Any = Program.objects.filter(pk=preparation.program_id).annotate(
        released_size=Value(preparation.journal_size, output_field=IntegerField()),
        released_at=Value(preparation.prepared_at, output_field=DateTimeField()),
    )
    return found.annotate(since=changes_since()).values_list("since", flat=True).get()


def releasers_of(preparation: Preparation) -> list[User]:
    """Who may release it: disclosure officers who neither prepared it, nor explained in it, nor wrote the report, nor
    record the program's data."""
    program, report = preparation.program, preparation.report
    barred = {preparation.prepared_by_id}
    barred |= set(preparation.explanations.values_list("explained_by", flat=True))
    barred |= {person.pk for person in people_holding(program, Role.OFFICER)}
    if report is not None:
        barred |= report.hands()
    found = people_holding(program, Role.DISCLOSURE)
    return [person for person in found if person.pk not in barred]


def explanations_of(preparation: Preparation) -> dict[str, DifferenceExplained]:
    """The newest sentence about each total that differs."""
    found = preparation.explanations.select_related("explained_by").order_by("pk")
    return {one.place: one for one in found}


def waiting_preparation(program: Program) -> Preparation | None:
    found = Preparation.objects.waiting().filter(program=program)
    return found.select_related("prepared_by", "report").first()


def frozen_for_later(program: Program) -> list[Release]:
    """Under an embargo, the next to become public first."""
    gone = Tombstone.objects.standing().filter(release=OuterRef("pk"))
    found = Release.objects.filter(stream=Stream.PROGRAM, subject=program.uid)
    found = found.filter(public_from__gt=database_now()).exclude(Exists(gone))
    return list(found.order_by("public_from", "number"))

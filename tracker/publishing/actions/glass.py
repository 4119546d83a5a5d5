"""Break-glass: an auditor reads what is withheld for security. At once, for some hours, and each time on the record."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Role, User
from tracker.journal import actions as journal
from tracker.publishing import policies, queries
from tracker.publishing.models import BrokenGlass, GlassNoted, GlassReading, GlassText
from tracker.publishing.queries import Revealed
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@transaction.atomic
def break_glass(
    *, record_kind: str, record: UUID, reason: str, hours: int, by: User
) -> BrokenGlass:
    """Let an auditor read the sealed values of a record for some hours from now (1 to 72). The owner is told at once.

    Nobody approves it and nobody can refuse it. Whether the person sees the record is asked by whoever loads it.
    """
    sealed = queries.sealed_of(by, record_kind, record)
    if not sealed:
        raise Refused("Nothing of this record is withheld from you: there is no glass to break.")
    program = next(iter(sealed.values())).program
    policies.check_can_break_glass(by, program)
    if queries.standing_glass(by, record) is not None:
        raise Refused("You broke the glass over this record already: read on, or wait until then.")
    policies.check_reason(reason)
    glass = BrokenGlass(
        program=program,
        record_kind=record_kind,
        record=record,
        hours=hours,
        broken_by=by,
    )
    check_fields(glass, exclude=("broken_at", "entry", "text", "text_digest"))
    fields = {name: getattr(glass, name) for name in ("program", "record_kind", "record", "hours")}
    fields["reason"] = reason.strip()
    glass.entry_id = journal.record("glass", record=glass, op="create", by=by, fields=fields)
    text = GlassText.objects.create(reason=reason.strip())
    glass.text, glass.text_digest = text, text.digest
    glass.save()
    _tell_owner(glass, by)
    return BrokenGlass.objects.select_related("program").get(pk=glass.pk)


def _tell_owner(glass: BrokenGlass, by: User) -> None:
    for person in queries.people_holding(glass.program, Role.DISCLOSURE):
        sentence = f"An auditor reads withheld values of a {glass.record_kind} for {glass.hours} hours: take note."
        if person.pk != by.pk:
            notify(person=person, sentence=sentence, path=reverse("publishing:glasses"))


@transaction.atomic
def read_through_glass(*, glass: BrokenGlass, by: User) -> list[Revealed]:
    """The sealed values, from every entry of the record. The reading is a fact of its own."""
    policies.check_can_read_through(by, glass)
    shown = queries.revealed(by, glass.record_kind, glass.record)
    names = sorted({name for one in shown for name in one.values})
    reading = GlassReading(glass=glass, fields=names)
    fields = {"glass": glass, "fields": names}
    reading.entry_id = journal.record(
        "glass_reading", record=reading, op="create", by=by, fields=fields
    )
    reading.save()
    return shown


@transaction.atomic
def note_glass(*, glass: BrokenGlass, by: User) -> GlassNoted:
    """The owner's side takes note that its withheld values were opened."""
    glass = BrokenGlass.objects.select_for_update(of=("self",)).get(pk=glass.pk)
    policies.check_can_note_glass(by, glass)
    noted = GlassNoted(glass=glass, noted_by=by)
    noted.entry_id = journal.record(
        "glass_noted", record=noted, op="create", by=by, fields={"glass": glass}
    )
    noted.save()
    return noted

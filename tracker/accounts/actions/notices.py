"""Telling people that something waits for them."""

from django.db import transaction

from tracker.accounts import policies
from tracker.accounts.actions import letters
from tracker.accounts.models import Notice, User
from tracker.shared.clock import database_now


def notify(*, person: User, sentence: str, path: str) -> Notice:
    """Tell a person that something waits for them, on their desk and by e-mail. Part of another action.

    `sentence` says what to do and about what; `path` leads to the page where they do it (without the host).
    """
    said = " ".join(sentence.split())
    said = said if len(said) <= 300 else f"{said[:299]}…"
    notice = Notice.objects.create(person=person, sentence=said, path=path)
    letters.send(to=person.email, subject=said, text=f"{said}\n\n{letters.address_of(path)}\n")
    return notice


@transaction.atomic
def read_notice(*, notice: Notice, by: User) -> Notice:
    """Mark one of a person's own notices as read."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    policies.check_can_read_notice(by, notice)
    if notice.read_at is None:
        notice.read_at = database_now()
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def read_notices(*, by: User) -> int:
    """Mark all of a person's own notices as read; returns how many were unread."""
    return Notice.objects.filter(person=by, read_at=None).update(read_at=database_now())

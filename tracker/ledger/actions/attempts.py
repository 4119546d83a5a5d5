"""Recording what was tried and refused: in a transaction of its own, after the refused one is undone."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger.models import RefusedAttempt, RefusedAttemptText
from tracker.shared.clock import database_now

AN_HOUR = timedelta(hours=1)


@transaction.atomic
def record_refusal(
    *,
    noun: str,
    verb: str,
    what: UUID | None,
    organisation: Organisation | None,
    sentence: str,
    by: User,
) -> RefusedAttempt | None:
    """Keep what a person submitted and was refused, with the sentence that they read.

    At most `REFUSALS_PER_HOUR` rows for one person within an hour: None for what comes after, so that nobody fills
    the journal by pressing a button.
    """
    since = database_now() - AN_HOUR
    lately = RefusedAttempt.objects.filter(person=by, attempted_at__gt=since)
    if lately.count() >= settings.REFUSALS_PER_HOUR:
        return None
    text = RefusedAttemptText.objects.create(sentence=sentence)
    says = {"organisation": organisation, "noun": noun[:40], "verb": verb[:40], "what": what}
    attempt = RefusedAttempt(person=by, **says, text=text, text_digest=text.digest)
    attempt.entry_id = journal.record(
        "refused_attempt",
        record=attempt,
        op="create",
        by=by,
        fields=says | {"sentence": text.sentence},
    )
    attempt.save(force_insert=True)
    return attempt

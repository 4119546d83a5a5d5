"""Keeping what was signed and what witnesses said to it."""

from collections.abc import Iterable

from django.db import transaction

from tracker.journal.checkpoints import Cosignature as Seen
from tracker.journal.checkpoints import Head
from tracker.journal.models import Checkpoint, Cosignature
from tracker.journal.notes import Note
from tracker.shared.clock import database_now


@transaction.atomic
def keep_checkpoint(*, head: Head, note: Note) -> Checkpoint:
    """Keep a signed checkpoint before anybody outside sees it. The one that is already kept is returned as it is."""
    found = Checkpoint.objects.filter(size=head.size).first()
    if found is not None:
        return found
    return Checkpoint.objects.create(
        size=head.size, root=head.root, note=str(note), at=database_now()
    )


@transaction.atomic
def keep_cosignatures(*, checkpoint: Checkpoint, seen: Iterable[tuple[Seen, str]]) -> None:
    """Keep the lines of witnesses that verified, one per witness and checkpoint."""
    known = set(checkpoint.cosignatures.values_list("witness", flat=True))
    for cosignature, line in seen:
        if cosignature.witness not in known:
            known.add(cosignature.witness)
            Cosignature.objects.create(
                checkpoint=checkpoint,
                witness=cosignature.witness,
                time=cosignature.time,
                line=line,
            )

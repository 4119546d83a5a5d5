"""Erasing values that law wants erased. The entry, its place and every proof stay; the decision is an entry itself."""

import uuid
from collections.abc import Collection

from django.db import transaction

from tracker.journal.actions.recording import CREATE, Actor, record
from tracker.journal.models import Disclosure, Entry, Erasure
from tracker.shared.errors import Refused


@transaction.atomic
def erase(
    *,
    entry: int,
    fields: Collection[str],
    basis: str,
    reason: str,
    by: Actor,
    confirmed_by: Actor,
) -> Erasure:
    """Drop the salts and values of some fields of an entry, for good. The room that calls has asked its policy.

    Source: RFC 9901 (a digest whose disclosure is gone tells nothing); the right to erasure, e.g. GDPR Article 17.
    """
    disclosure = (
        Disclosure.objects.select_for_update(of=("self",))
        .select_related("entry")
        .filter(pk=entry)
        .first()
    )
    if disclosure is None:
        raise Refused(f"Entry {entry} does not exist, or its values were erased as a whole.")
    gone = sorted(set(fields) - set(disclosure.values))
    if gone:
        raise Refused(f"Entry {entry} has no {', '.join(gone)}: erased before, or never a field.")
    found = _decided(disclosure.entry, sorted(fields), basis, reason, by, confirmed_by)
    disclosure.values = {k: v for k, v in disclosure.values.items() if k not in fields}
    disclosure.save(update_fields=["values"])
    return found


def _decided(
    target: Entry, fields: list[str], basis: str, reason: str, by: Actor, confirmed_by: Actor
) -> Erasure:
    decision = Erasure(uid=uuid.uuid4(), target=target)
    decision.entry_id = record(
        "erasure",
        record=decision,
        op=CREATE,
        by=by,
        fields={
            "entry": target.pk,
            "record": target.record,
            "fields": fields,
            "basis": basis,
            "reason": reason,
            "confirmed_by": confirmed_by,
        },
    )
    decision.save()
    return decision

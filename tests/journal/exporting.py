"""A log of its own for a test, and its export."""

import uuid
from io import StringIO

from django.core.management import call_command
from django.db import transaction

from tracker.journal import service
from tracker.journal.actions import record_many


def own_log(settings, folder):
    """Keys, memory and published files in this folder."""
    settings.KEYS_DIR = folder / "keys"
    settings.SIGNER_DIR = folder / "signer"
    settings.JOURNAL_DIR = folder / "log"
    settings.JOURNAL_POLICY = folder / "keys" / "journal.policy"
    return service


def write(count, page=5000):
    """So many events, recorded by pages as an upload does."""
    with transaction.atomic():
        for start in range(0, count, page):
            items = [
                (uuid.uuid4(), {"title": f"Authority {n}"})
                for n in range(start, min(start + page, count))
            ]
            record_many("authority", op="create", by=None, items=items)


def export(folder, *options):
    """Run the command; returns what it said."""
    out = StringIO()
    call_command("journal_export", str(folder), *options, stdout=out, stderr=out)
    return out.getvalue()

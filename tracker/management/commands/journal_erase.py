"""`manage.py journal_erase RECORD FIELD…`: erase words about persons by a decision of two disclosure officers."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.management.commands.upload_transactions import WRONG_CALL, person, sentence_of
from tracker.publishing.actions.erasing import erase_words
from tracker.shared.errors import NotAllowed, Refused


class Command(BaseCommand):
    help = (
        "Erases the named fields of a record, in the journal and beside its rows, for good. The entries, their places "
        "and every proof stay valid; the decision is an entry of its own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record", metavar="RECORD", help="the record's public identifier")
        parser.add_argument("fields", nargs="+", metavar="FIELD", help="for example payee")
        parser.add_argument("--basis", required=True, help="the law that asks for it")
        parser.add_argument("--reason", required=True, help="why, in a sentence; it stays")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who decides")
        parser.add_argument("--confirmed-by", required=True, metavar="EMAIL", help="who confirms")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            record = UUID(options["record"])
        except ValueError:
            raise CommandError(
                f"“{options['record']}” is not a record's identifier: its page shows it.",
                returncode=WRONG_CALL,
            ) from None
        try:
            erased = erase_words(
                record=record,
                fields=options["fields"],
                basis=options["basis"],
                reason=options["reason"],
                by=person(options["by"]),
                confirmed_by=person(options["confirmed_by"]),
            )
        except (Refused, NotAllowed) as refusal:
            raise CommandError(sentence_of(refusal)) from None
        for one in erased:
            self.stdout.write(
                f"Entry {one.entry} lost {', '.join(one.fields)} by the decision in entry {one.decision}."
            )
        self.stdout.write(
            "Backups keep these words until they expire, and what was published cannot be called back."
        )

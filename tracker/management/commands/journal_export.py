"""`manage.py journal_export DIR`: the log as a folder that anybody can check without us."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.journal import service
from tracker.journal.export import PROOFS, CannotExport, Content, Summary, export
from tracker.journal.notes import BadNote
from tracker.journal.signer import WillNotSign
from tracker.journal.witness.policy import BadPolicy


class Command(BaseCommand):
    help = "Writes keys, checkpoints, tiles and consistency proofs of the log into a new folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="absent or empty")
        parser.add_argument(
            "--all", action="store_true", help="with the entries' bytes and proofs of them"
        )
        parser.add_argument(
            "--proofs",
            type=int,
            default=PROOFS,
            help=f"so many, evenly spread ({PROOFS}); needs --all",
        )
        parser.add_argument(
            "--disclosures",
            action="store_true",
            help="with every value and its salt: for cleared auditors only",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["proofs"] < 0:
            raise CommandError("--proofs states how many, from 0 up.")
        content = Content(options["all"], options["proofs"], options["disclosures"])
        try:
            self._bring_up_to_date()
            made = self._export(options["folder"], content)
        except (CannotExport, WillNotSign, BadNote, BadPolicy) as refusal:
            raise CommandError(str(refusal)) from None
        self._conclude(made, content, options["folder"])

    def _bring_up_to_date(self) -> None:
        report = service.bring_up_to_date()
        if report is None:
            self._say(
                "Another process runs the journal; the export goes up to what that one published."
            )
        else:
            for sentence in report.said:
                self.stderr.write(sentence)

    def _export(self, folder: Path, content: Content) -> Summary:
        witnesses = service.policy().verifiers
        try:
            return export(folder=folder, content=content, witnesses=witnesses, say=self._say)
        except OSError as error:
            raise CommandError(
                f"The export could not be written: {error.strerror or error} ({error.filename or folder}). "
                "Nothing of it was left behind; name a folder that can be written, on a disk with room."
            ) from None

    def _conclude(self, made: Summary, content: Content, folder: Path) -> None:
        self._say(
            f"Exported {_many(made.size, 'entry', 'entries')} under {_many(made.checkpoints, 'checkpoint')} to {folder}; "
            f"{_many(made.waiting, 'more still waits', 'more still wait')} for a published checkpoint."
        )
        if content.entries:
            self._say(f"It holds their bytes and {_many(made.proofs, 'proof')}.")
        else:
            self._say(
                "It holds no entry's bytes and no proofs of entries: bytes are public when a record is released. "
                "Auditors get them with --all."
            )
        if content.private:
            self._say("Not for publication: it holds what was not released yet.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"

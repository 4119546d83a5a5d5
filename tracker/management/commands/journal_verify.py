"""`manage.py journal_verify`: recompute the whole journal and name the first difference in a sentence."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from tracker.journal.notes import BadNote, Verifier
from tracker.journal.verification import Outside, Verdict, here, verify
from tracker.journal.witness.policy import BadPolicy

MOST = 1000
_EVERY = 2.0  # seconds between two words of progress


class Command(BaseCommand):
    help = (
        "Recomputes the journal from its entries and compares it with the checkpoints, the signer's memory, the "
        "published log, the witnesses, copies kept outside, and the domain tables. Writes nothing; exit 1 on a difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="a checkpoint that somebody kept; may be given more than once",
        )
        parser.add_argument(
            "--vkey",
            action="append",
            default=[],
            help="the log's verification key as you know it, instead of the one in KEYS_DIR",
        )
        parser.add_argument("--without-witnesses", action="store_true", help="ask nobody: off line")
        parser.add_argument(
            "--without-tables", action="store_true", help="leave the domain tables out"
        )
        parser.add_argument(
            "--all", action="store_true", help=f"list every difference, up to {MOST}"
        )
        parser.add_argument("--json", action="store_true", help="the whole verdict as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdict = verify(
                outside=self._outside(options),
                domain=not options["without_tables"],
                most=MOST,
                progress=self._progress(),
            )
        except DatabaseError as fault:
            raise CommandError(
                f"The database cannot be read ({fault}): is DATABASE_URL right, and is the database migrated?"
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(verdict.plain, indent=1, ensure_ascii=False))
            if not verdict.holds:
                sys.exit(1)
            return
        self._report(verdict)
        if not verdict.holds:
            raise CommandError(self._differs(verdict, every=options["all"]))
        self.stdout.write(self.style.SUCCESS(_holds(verdict)))

    @staticmethod
    def _outside(options: dict[str, Any]) -> Outside:
        try:
            return here(
                retained=options["checkpoint"],
                keys=[Verifier.read(vkey) for vkey in options["vkey"]],
                ask=not options["without_witnesses"],
            )
        except (BadNote, BadPolicy) as fault:
            raise CommandError(str(fault)) from None

    def _progress(self) -> Any:
        told = time.monotonic()

        def tell(what: str, done: int) -> None:
            nonlocal told
            if time.monotonic() - told > _EVERY:
                told = time.monotonic()
                self.stderr.write(f"{what}: {done:,} …")

        return tell

    def _report(self, verdict: Verdict) -> None:
        self.stdout.write("Checked:")
        for what, count in verdict.checks.items():
            self.stdout.write(f"  {count:>12,}  {what}")
        for title, lines in (
            ("Held against:", verdict.against),
            ("Not compared:", verdict.not_compared),
            ("Remarks:", verdict.remarks),
        ):
            if lines:
                self.stdout.write("\n".join([title, *(f"  {line}" for line in lines)]))

    @staticmethod
    def _differs(verdict: Verdict, *, every: bool) -> str:
        first = verdict.first
        assert first is not None
        if every:
            lines = [one.sentence for one in verdict.differences]
            more = verdict.found - len(lines)
            return "\n".join([*lines, *([f"… and {more:,} more."] if more else [])])
        more = verdict.found - 1
        rest = f" {more:,} more follow: --all lists them." if more else ""
        return f"The first difference: {first.sentence}{rest}"


def _holds(verdict: Verdict) -> str:
    against = ", ".join(verdict.against) or "nobody"
    return f"The journal holds: {verdict.size:,} entries in the log, held against {against}."

"""`manage.py journal_run`: the process that gives entries their places, signs checkpoints and publishes the log."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.journal import log, service
from tracker.journal.notes import BadNote
from tracker.journal.signer import WillNotSign
from tracker.journal.witness.policy import BadPolicy


class Command(BaseCommand):
    help = "Sequences, signs and publishes the journal until it is stopped. One process per installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")
        parser.add_argument(
            "--add-key", action="store_true", help="begin a rotation: sign with one more key"
        )
        parser.add_argument(
            "--retire-keys", action="store_true", help="end it: only the newest key signs"
        )
        parser.add_argument(
            "--adopt", action="store_true", help="give a signer without memory the last checkpoint"
        )
        parser.add_argument(
            "--resume",
            action="store_true",
            help="sign again after a stop that a person has cleared up",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with service.only_here() as alone:
            if not alone:
                raise CommandError(
                    "Another process on this machine already runs the journal: stop it first, or leave it at work."
                )
            try:
                self._act(options)
            except (WillNotSign, BadNote, BadPolicy) as refusal:
                raise CommandError(str(refusal)) from None

    def _act(self, options: dict[str, Any]) -> None:
        asked = False
        for name in ("adopt", "resume", "add_key", "retire_keys"):
            if options[name]:
                getattr(self, f"_{name}")()
                asked = True
        if options["once"]:
            self._once()
        elif not asked:
            self._run()

    def _once(self) -> None:
        service.pass_time()
        report = service.pipeline().round()
        for sentence in report.said:
            self.stderr.write(sentence)
        got = "entry got its place" if report.sequenced == 1 else "entries got their places"
        self.stdout.write(f"{report.sequenced} {got}; the log holds {log.size()}.")
        if service.stop().reason:
            raise CommandError("Nothing was signed.")
        self.stdout.write(
            "Nothing to publish."
            if report.published is None
            else f"Published at {report.published}."
        )

    def _run(self) -> None:
        until = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: until.set())
        self.stdout.write(f"The journal of {settings.JOURNAL_ORIGIN} is running. Ctrl-C stops it.")
        service.run(until=until, every=settings.JOURNAL_SECONDS)

    def _adopt(self) -> None:
        mark = service.pipeline().adopt()
        self.stdout.write(f"The signer now remembers {mark.size} entries.")

    def _resume(self) -> None:
        reason = service.stop().reason
        service.stop().lift()
        self.stdout.write("Nothing was stopped." if reason is None else f"Lifted: {reason}")

    def _add_key(self) -> None:
        if settings.JOURNAL_KEY:
            raise CommandError("The key is supplied (JOURNAL_KEY): rotate it where it is kept.")
        service.keyring().signing()
        key = service.keyring().add()
        self.stdout.write(
            f"Checkpoints are now signed with this key too; publish it:\n{key.verifier.vkey}"
        )

    def _retire_keys(self) -> None:
        for verifier in service.keyring().retire_all_but_newest(log.size()):
            self.stdout.write(f"Retired at {log.size()} entries: {verifier.vkey}")

"""`manage.py journal_witness`: keep somebody else's log, on your own machine and with your own key."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.journal.notes import ED25519, BadNote, Verifier
from tracker.journal.witness.keeper import Keeper, key_in, now
from tracker.journal.witness.server import Server


class Command(BaseCommand):
    help = (
        "A small witness (C2SP tlog-witness): cosigns a log's checkpoints as long as each grew out of the one before. "
        "It needs neither the log's database nor any other."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, required=True, help="its key and its memory")
        parser.add_argument("--name", required=True, help="its name, for example audit.example/w1")
        parser.add_argument(
            "--log", action="append", default=[], metavar="VKEY", help="a log's key (repeatable)"
        )
        parser.add_argument("--listen", default="127.0.0.1:8100", metavar="HOST:PORT")
        parser.add_argument("--print-key", action="store_true", help="print its own key and end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = key_in(options["folder"], options["name"])
            logs = [Verifier.read(vkey) for vkey in options["log"]]
            keeper = Keeper(options["folder"], key, logs, now)
        except (BadNote, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(key.verifier.vkey)
        if options["print_key"]:
            return
        if not logs or any(log.kind != ED25519 for log in logs):
            raise CommandError("Name the log to keep: --log and the key on its /journal/ page.")
        self._serve(options["listen"], keeper)

    def _serve(self, listen: str, keeper: Keeper) -> None:
        host, _, port = listen.rpartition(":")
        try:
            server = Server((host, int(port)), keeper)
        except (OSError, ValueError, OverflowError) as error:
            raise CommandError(f"{listen} cannot be listened on: {error}.") from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        self.stdout.write(f"Keeping {', '.join(keeper.logs)} on {host}:{server.server_port}")
        self.stdout.flush()
        server.serve_forever(poll_interval=0.2)
        server.server_close()

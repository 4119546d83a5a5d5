"""`manage.py demo`: migrate, load the demo once, say where to go and who to be, and serve."""

import os
import shutil
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tracker.demo import load, people
from tracker.journal import service
from tracker.shared import triggers
from tracker.shared.errors import Refused


class Command(BaseCommand):
    help = (
        "Sets up the demo (a second run keeps the data), prints a sign-in per role, and serves it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="on 127.0.0.1 (8000)")
        parser.add_argument("--no-serve", action="store_true", help="stop before serving")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "This is PRODUCTION: the demo's passwords are public, so it is not loaded."
            )
        if not options["no_serve"]:
            check_free(options["port"])
        self._migrate()
        if not people.is_loaded():
            self._load()
        service.bring_up_to_date()  # the log is there before the first visitor is
        self._introduce(options["port"])
        if not options["no_serve"]:
            serve(options["port"])

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending or triggers.missing(connection):
            self._say("Setting up the database …")
            call_command("migrate", verbosity=0)

    def _load(self) -> None:
        try:
            load.check_fresh()
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        load.everything(say=self._say)
        self._draw()

    def _draw(self) -> None:
        """The seed of a sample is the hash of a checkpoint. Where none was signed, the samples wait, and why is said."""
        report = service.bring_up_to_date()
        if report is not None and report.signed is not None:
            load.draw(say=self._say)
            return
        why = "another process signs." if report is None else " ".join(report.said)
        self._say(f"The illustrative samples are not drawn, they wait for a checkpoint: {why}")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _introduce(self, port: int) -> None:
        home = f"http://127.0.0.1:{port}"
        self._say(f"\nCountersign\n  the public site   {home}/\n  the desk          {home}/desk/\n")
        self._say(f"Sign in with the password {people.PASSWORD} as")
        for role, name in people.SIGN_INS:
            self._say(f"  {role:27} {name}@{people.DOMAIN}")
        self._say("")


def check_free(port: int) -> None:
    """A sentence instead of a stack trace when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(
                f"Port {port} is taken: stop what listens there, or choose another with `make demo PORT=8001`."
            ) from None


def serve(port: int) -> None:
    """Become the web server. Two workers show that nothing depends on one process's memory."""
    gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent))
    if gunicorn is None:
        raise CommandError("gunicorn is not installed: run `make demo`, which installs it.")
    connection.close()
    os.environ["PORT"] = str(port)  # letters lead to where we serve
    options = f"--bind 127.0.0.1:{port} --workers 2 --worker-class gthread --threads 4 --no-control-socket"
    os.execv(gunicorn, [gunicorn, *options.split(), "config.wsgi"])

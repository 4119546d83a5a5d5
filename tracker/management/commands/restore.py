"""`manage.py restore FILE`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.shared.actions import restore_backup
from tracker.shared.errors import Refused


class Command(BaseCommand):
    help = "Fills an empty, migrated database from a backup, after checking every part of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="an archive that `manage.py backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            members = restore_backup(source=options["file"])["members"]
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
        rows = sum(member.get("rows", 0) for member in members.values())
        self.stdout.write(f"Restored {rows} rows; every part was what had been backed up.")

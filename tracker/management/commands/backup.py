"""`manage.py backup FILE`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tracker.shared.archive import write_backup


class Command(BaseCommand):
    help = "Writes the database, the keys and the evidence into one archive. Keep it where only you can read it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="the archive to write, e.g. backup-2026-11-22.tar.gz"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        members = write_backup(options["file"])["members"]
        rows = sum(member.get("rows", 0) for member in members.values())
        files = sum(name.startswith("evidence/") for name in members)
        self.stdout.write(f"Backed up {rows} rows and {files} evidence files to {options['file']}.")

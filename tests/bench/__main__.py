"""`make bench`: how fast it is, as ratios against a raw limit measured in the same run.

Runs on a fresh SQLite file, or on the server that DATABASE_URL names (in a test database of its own). Figures are medians
of several rounds, except the release, which can be made once; what is compared is measured in turns. Names after
`python -m tests.bench` choose single measurements.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
_folder = tempfile.TemporaryDirectory()
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(_folder.name) / 'bench.sqlite3'}")

import django

django.setup()

from django.db import connection
from django.test.utils import get_runner, setup_test_environment
from django.conf import settings

from tests.bench import inference, journal, ledger, posters, reports
from tests.bench.measuring import ROUNDS

MEASURES = {
    "verify": journal.full_verification,  # first: others leave entries that no row follows from
    "entries": journal.entries,
    "posting": ledger.posting,
    "single_posting": ledger.single_posting,
    "journal_share": ledger.posting_without_the_journal,
    "ledger_page": ledger.ledger_page,
    "posters": posters.against_bare_inserts,
    "growth": posters.as_it_grows,
    "inference": inference.inference,
    "printing": reports.printing,
    "tree": journal.tree,
    "proofs": journal.proofs,  # last: it leaves a log without entries behind
}


def main(*names: str) -> None:
    setup_test_environment()
    if connection.vendor == "sqlite":  # a file, as it runs; Django would take a database in memory
        connection.settings_dict["TEST"]["NAME"] = str(Path(_folder.name) / "bench.sqlite3")
    runner = get_runner(settings, "django.test.runner.DiscoverRunner")(
        verbosity=0, interactive=False
    )
    old = runner.setup_databases()
    try:
        print(f"Countersign on {connection.vendor}; medians of {ROUNDS} rounds or more\n")
        for name, measure in MEASURES.items():
            if not names or name in names:
                measure()
    finally:
        runner.teardown_databases(old)


if __name__ == "__main__":
    main(*sys.argv[1:])

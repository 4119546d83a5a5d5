"""A process that is killed in the middle of posting leaves whole steps, and the next one goes on after them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]
ROWS = 3000
PREPARE = f"""
from tests.factories.uploads import csv_of, make_office, make_upload
from tracker.uploads import actions
office, officer, approver = make_office()
rows = [f"R{{n}},FRA,France,{{2000 + n % 20}},{{n}}.00,x" for n in range(1, {ROWS} + 1)]
upload = make_upload(csv_of(*rows), by=officer, organisation=office)
actions.submit_upload(upload=upload, by=officer)
print(upload.uid, approver.email)
"""
LOOK = """
from django.db.models import Sum
from tracker.journal.models import Entry
from tracker.ledger.models import Balance, Transaction, TransactionText
from tracker.uploads.models import Upload
rows = Transaction.objects.filter(provenance="upload")
drawn = Balance.objects.aggregate(s=Sum("drawn"))["s"] or 0
print(
    rows.count(),
    rows.aggregate(s=Sum("amount"))["s"] or 0,
    drawn,
    Transaction.objects.count() == TransactionText.objects.count(),
    Transaction.objects.count() == Entry.objects.filter(kind="transaction").count(),
    Upload.objects.get().rows_posted,
    Upload.objects.get().status,
)
"""


def shell(environment, code):
    setup = "import django; django.setup()\n"
    done = subprocess.run(
        [sys.executable, "-c", setup + code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def approve(environment, uid, email):
    command = [sys.executable, "manage.py", "approve_upload", uid, "--by", email]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_after(process, progress):
    """Kill the process as soon as it reports so much, while it works on the next step."""
    for line in process.stderr:
        if line.startswith(progress):
            os.kill(process.pid, signal.SIGKILL)
            break
    process.communicate()
    return process.returncode


def test_a_killed_posting_goes_on_exactly_once(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    uid, email = shell(environment, PREPARE)

    for progress in ("posted 0 of", "posted 500 of", "posted 1,500 of"):
        assert killed_after(approve(environment, uid, email), progress) == -signal.SIGKILL
        count, minor, drawn, texts, entries, posted, status = shell(environment, LOOK)
        assert count == posted and minor == drawn
        assert (texts, entries, status) == ("True", "True", "posting")
        assert int(count) < ROWS

    last = approve(environment, uid, email)
    last.communicate()
    assert last.returncode == 0
    whole = str(sum(range(1, ROWS + 1)) * 100)
    found = shell(environment, LOOK)
    assert found == [str(ROWS), whole, whole, "True", "True", str(ROWS), "posted"]

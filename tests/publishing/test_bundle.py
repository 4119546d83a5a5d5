"""Evidence that verifies without us: the program in the zip is run on the zip, and on damaged ones."""

import base64
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.factories.accounts import give_role, make_person
from tests.factories.audits import draft_recommendation, make_auditor, make_finding, walk
from tests.factories.ledger import make_disbursement
from tests.factories.publishing import withhold
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.audits import actions as audits
from tracker.audits.models import RecommendationState
from tracker.journal import service
from tracker.journal.queries import history_of
from tracker.publishing import actions
from tracker.publishing.models import BundleExport
from tracker.shared.errors import NotAllowed, Refused

SECRET = "A payee in the field"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict]:
    with kept(django_db_blocker):
        payment = make_disbursement(payee=SECRET)
        withhold(payment.program, "transaction", "payee", payment.uid)
        finding = make_finding(payment, recommendations=1)
        walk(finding.recommendations.get(), RecommendationState.CLOSED_IMPLEMENTED)
        yield {"payment": payment, "finding": finding, "engagement": finding.engagement}


@pytest.fixture
def world(built, settings, tmp_path):
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"
    settings.JOURNAL_POLICY = tmp_path / "journal.policy"
    return deepcopy(built)


def exported(world, **says):
    by = says.pop("by", world["engagement"].lead)
    return actions.export_bundle(engagement=world["engagement"], by=by, **says)


def unpacked(world, folder: Path, **says) -> Path:
    raw = b"".join(exported(world, **says).pieces)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def checked(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run outside the project: no path of ours, no environment of ours, the standard library alone."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "check_bundle.py"), *arguments],
        capture_output=True, text=True, env={}, check=False,
    )  # fmt: skip
    return run.returncode, run.stdout + run.stderr


def test_the_bundle_verifies_without_us_and_a_changed_byte_anywhere_is_found(world, tmp_path):
    service.bring_up_to_date()
    folder = unpacked(world, tmp_path / "bundle")
    code, said = checked(folder)
    assert (code, said.splitlines()[0].split(":")[0]) == (0, "VERIFIED"), said
    assert "not proven" not in said.splitlines()[1]
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "check_bundle.py")
    assert any(p.parent.name == "documents" for p in files)

    for path in [*files[:3], *files[-3:]]:
        raw = path.read_bytes()
        middle = len(raw) // 2
        path.write_bytes(raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :])
        code, said = checked(folder)
        assert code == 1 and "NOT VERIFIED" in said, path
        path.write_bytes(raw)
    assert checked(folder)[0] == 0


def test_whoever_forges_a_value_and_every_digest_with_it_still_fails(world, tmp_path):
    service.bring_up_to_date()
    folder = unpacked(world, tmp_path / "bundle")
    proof = next(folder.rglob("*.tlog-proof"))
    lines = proof.read_text().split("\n")
    lines[1] = lines[1][:40] + ("A" if lines[1][40] != "A" else "B") + lines[1][41:]
    proof.write_text("\n".join(lines))
    sums = folder / "SHA256SUMS"
    name = proof.relative_to(folder).as_posix()
    digest = hashlib.sha256(proof.read_bytes()).hexdigest()
    told = [
        f"{digest}  {name}" if line.endswith(name) else line
        for line in sums.read_text().splitlines()
    ]
    sums.write_text("\n".join(told) + "\n")

    code, said = checked(folder)

    assert code == 1 and "NOT VERIFIED" in said


def test_another_key_does_not_verify_it(world, tmp_path):
    service.bring_up_to_date()
    folder = unpacked(world, tmp_path / "bundle")
    real = (folder / "log.vkey").read_text()
    name, _, _ = real.split("+", 2)
    key = b"\x01" + (4 * pow(5, -1, 2**255 - 19) % (2**255 - 19)).to_bytes(32, "little")
    key_id = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    other = tmp_path / "other.vkey"
    other.write_text(f"{name}+{key_id}+{base64.b64encode(key).decode()}\n")

    assert checked(folder, str(other))[0] == 1


def test_what_is_not_signed_yet_is_there_and_said_not_to_be_proven(world, tmp_path):
    code, said = checked(unpacked(world, tmp_path / "bundle"))

    assert code == 0
    assert "they are not proven" in said


def test_drafts_of_others_sealed_values_and_names_stay_in_the_house(world, tmp_path):
    lead = world["engagement"].lead
    second = make_person(employer=lead.organisation)
    give_role(second, Role.AUDITOR, program=world["payment"].program)
    audits.add_member(engagement=world["engagement"], person=second, by=lead)
    make_finding(world["payment"], engagement=world["engagement"], issued=False, title="MARK-draft")
    draft_recommendation(world["finding"].__class__.objects.get(title="MARK-draft"))

    folder = unpacked(world, tmp_path / "bundle", by=second)

    text = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    told = b"".join(
        base64.urlsafe_b64decode(word + b"==")
        for p in folder.rglob("*.waiting.json")
        for word in p.read_bytes().replace(b'"', b" ").split()
        if len(word) > 20 and word.replace(b"-", b"").replace(b"_", b"").isalnum()
    )
    assert b"USD" in told  # it really reads the values
    for secret in (SECRET.encode(), b"MARK-draft", lead.name.encode()):
        assert secret not in text and secret not in told, secret


def test_an_export_is_on_record_before_its_first_byte(world):
    made = exported(world, finding=world["finding"])

    export = BundleExport.objects.get()
    (event,) = history_of(export)
    assert event.values["manifest"] == export.manifest
    assert event.values["finding"] == str(world["finding"].uid)
    assert event.actor == world["engagement"].lead.uid
    assert next(made.pieces) is not None


def test_only_the_team_exports_and_drafts_only_by_their_author(world):
    with pytest.raises(NotAllowed, match="Only the team"):
        exported(world, by=make_auditor(world["payment"].program))
    other = make_finding()
    with pytest.raises(Refused, match="another engagement"):
        exported(world, finding=other)

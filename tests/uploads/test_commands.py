"""The command line: the same checks, every error printed, and a sentence instead of a traceback."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories.accounts import make_organisation, make_person
from tests.factories.signing import set_table
from tests.factories.uploads import MAPPING, ROW, csv_of, make_office, make_upload
from tracker.accounts.models import Role
from tracker.journal.queries import history_of
from tracker.ledger.models import Provenance, Transaction, Voucher
from tracker.uploads import actions
from tracker.uploads.models import Upload, UploadStatus


@pytest.fixture
def people():
    return make_office()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Writes file and mapping, runs the command, and returns what it printed."""
    monkeypatch.setenv("LOGNAME", "operator")
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))

    def upload(*rows, by, content=None, **options):
        (tmp_path / "payments.csv").write_text(content or csv_of(*(rows or (ROW,))))
        return call("upload_transactions", str(tmp_path / "payments.csv"), by=by, **options)

    def call(command, *args, by, **options):
        out = StringIO()
        if command == "upload_transactions":
            options.setdefault("mapping", str(tmp_path / "mapping.json"))
        try:
            call_command(command, *args, by=by.email, stdout=out, stderr=StringIO(), **options)
        except CommandError as error:
            error.printed = out.getvalue()
            raise
        return out.getvalue()

    upload.call = call
    upload.folder = tmp_path
    return upload


def test_a_file_is_uploaded_approved_and_posted_from_the_command_line(people, run):
    _, officer, approver = people

    said = run(by=officer)
    upload = Upload.objects.get()
    assert f"manage.py approve_upload {upload.uid} --by EMAIL" in said
    assert "FY2010  disbursement  1 rows  100.00 USD" in said
    done = run.call("approve_upload", str(upload.uid), by=approver)

    upload.refresh_from_db()
    assert upload.status == UploadStatus.POSTED
    assert "is posted: 1 rows in" in done
    assert Transaction.objects.filter(provenance=Provenance.UPLOAD).count() == 1


def test_the_channel_and_the_user_of_the_machine_are_recorded(people, run):
    _, officer, approver = people
    run(by=officer)
    upload = Upload.objects.get()
    run.call("approve_upload", str(upload.uid), by=approver)

    upload.refresh_from_db()
    events = history_of(upload)
    assert (upload.channel, upload.os_user) == ("command", "operator")
    assert [e.op for e in events] == ["post", "approve", "submit", "check", "create"]
    assert {(e.values["channel"], e.values["os_user"]) for e in events} == {("command", "operator")}


def test_a_dry_run_says_everything_and_keeps_nothing(people, run):
    _, officer, _ = people

    said = json.loads(run(by=officer, dry_run=True, json=True))

    assert said["upload"] is None and said["status"] == "tried"
    assert said["rows"] == {"total": 1, "new": 1, "wrong": 0, "known": 0}
    assert said["totals"][0]["amount"] == "100.00"
    assert said["programs"][0]["identifier"] == "AID-FRA"
    assert not Upload.objects.exists() and not Voucher.objects.exists()


def test_a_dry_run_and_the_upload_have_the_same_digest(people, run):
    _, officer, _ = people
    tried = json.loads(run(by=officer, dry_run=True, json=True))

    done = json.loads(run(by=officer, json=True))

    assert tried["digest"] == done["digest"] == Upload.objects.get().digest
    assert done["status"] == "submitted"


@pytest.mark.parametrize("dry_run", [True, False])
def test_every_error_is_printed_and_nothing_is_submitted(people, run, dry_run):
    _, officer, _ = people

    with pytest.raises(CommandError) as error:
        run(ROW, ROW, "R3,QQQ,Nowhere,2010,=cmd,x", by=officer, dry_run=dry_run)

    assert error.value.returncode == 1
    assert (
        "line 3, column “Ref”: “R1”: Line 2 has the same reference already." in error.value.printed
    )
    assert "line 4, column “Code”: “QQQ”" in error.value.printed
    assert "line 4, column “Amount”: “=cmd”: “=cmd” is not an amount." in error.value.printed
    assert not Upload.objects.exclude(status=UploadStatus.DISCARDED).exists()


def test_the_errors_are_in_the_json_too(people, run):
    _, officer, _ = people

    with pytest.raises(CommandError) as error:
        run("R1,FRA,France,2010,0,x", by=officer, dry_run=True, json=True)

    (problem,) = json.loads(error.value.printed)["errors"]
    assert problem["line"] == 2 and problem["column"] == "Amount"
    assert set(problem) == {"line", "column", "value", "cause", "remedy"}


def test_the_same_file_again_submits_nothing(people, run):
    _, officer, approver = people
    run(by=officer)
    run.call("approve_upload", str(Upload.objects.get().uid), by=approver)

    with pytest.raises(CommandError, match="Every row of this file was posted before") as error:
        run(by=officer)

    assert error.value.returncode == 1


def test_a_file_that_is_no_csv_is_a_sentence(people, run):
    _, officer, _ = people

    with pytest.raises(CommandError, match="it is a PDF document") as error:
        run(by=officer, content="%PDF-1.7")

    assert error.value.returncode == 1


@pytest.mark.parametrize(
    "change, said",
    [
        ({"args": ["/no/such/file.csv"]}, "The file /no/such/file.csv cannot be read"),
        ({"args": ["/"]}, "The file / cannot be read"),
        ({"mapping": "/no/such/mapping.json"}, "The mapping /no/such/mapping.json cannot be read"),
        ({"by": "nobody@example.org"}, "Nobody here has the e-mail address “nobody@example.org”"),
        ({"organisation": "Nowhere"}, "There is no organisation “Nowhere”"),
    ],
)
def test_what_is_not_there_is_told_with_exit_code_2(people, run, change, said):
    _, officer, _ = people
    (run.folder / "payments.csv").write_text(csv_of(ROW))
    options = {
        "args": [str(run.folder / "payments.csv")],
        "mapping": str(run.folder / "mapping.json"),
        "by": officer.email,
    } | change
    args = options.pop("args")

    with pytest.raises(CommandError, match=said) as error:
        call_command("upload_transactions", *args, **options)

    assert error.value.returncode == 2


def test_a_mapping_with_a_mistake_is_a_sentence(people, run):
    _, officer, _ = people
    (run.folder / "broken.json").write_text('{"name": ')

    with pytest.raises(CommandError, match="The mapping is not valid JSON"):
        run(by=officer, mapping=str(run.folder / "broken.json"))


def test_an_officer_of_two_organisations_chooses(people, run):
    office, officer, _ = people
    from tests.factories.accounts import give_role

    other = make_organisation()
    give_role(officer, Role.OFFICER, organisation=other)

    with pytest.raises(CommandError, match="choose with --organisation"):
        run(by=officer)
    run(by=officer, organisation=office.name)

    assert Upload.objects.get().organisation == office


def test_who_is_no_officer_uploads_nothing(people, run):
    office, _, approver = people

    with pytest.raises(CommandError, match="is not a program officer of any organisation"):
        run(by=approver)
    with pytest.raises(CommandError, match="Only a program officer"):
        run(by=approver, organisation=office.name, dry_run=True)


@pytest.mark.parametrize("text", ["7", "", "not-a-uid", "00000000-0000-4000-8000-000000000000"])
def test_an_upload_that_is_not_there_is_told(people, run, text):
    _, _, approver = people

    with pytest.raises(CommandError, match="upload") as error:
        run.call("approve_upload", text, by=approver)

    assert error.value.returncode == 2


def test_a_stranger_finds_no_upload(people, run):
    office, officer, _ = people
    upload = make_upload(by=officer, organisation=office)
    stranger = make_person(Role.APPROVER, organisation=make_organisation())

    with pytest.raises(CommandError, match="There is no upload"):
        run.call("approve_upload", str(upload.uid), by=stranger)


def test_who_uploaded_does_not_approve_from_the_command_line_either(people, run):
    office, _, _ = people
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=office)
    run(by=both)

    with pytest.raises(CommandError, match="You had a hand in") as error:
        run.call("approve_upload", str(Upload.objects.get().uid), by=both)

    assert error.value.returncode == 1
    assert Upload.objects.get().status == UploadStatus.SUBMITTED


def test_an_approved_or_stopped_batch_is_carried_on(people, run):
    _, officer, approver = people
    run(by=officer)
    upload = actions.approve_upload(upload=Upload.objects.get(), by=approver)
    actions.stop_posting(upload=upload, by=approver)

    said = json.loads(run.call("approve_upload", str(upload.uid), by=approver, json=True))

    assert (said["status"], said["rows_posted"]) == ("posted", 1)


def test_a_posted_batch_is_not_approved_again(people, run):
    _, officer, approver = people
    run(by=officer)
    uid = str(Upload.objects.get().uid)
    run.call("approve_upload", uid, by=approver)

    with pytest.raises(CommandError, match="This upload is posted"):
        run.call("approve_upload", uid, by=approver)


def test_the_command_says_that_another_signature_is_needed(people, run):
    office, officer, approver = people
    set_table(office, one="1.00")
    run(by=officer)

    said = run.call("approve_upload", str(Upload.objects.get().uid), by=approver)

    assert "is signed; it has 1 of 2 signatures, and nothing is posted before the last" in said
    assert not Transaction.objects.exists()

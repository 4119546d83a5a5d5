"""Releases put on the shelf row by row: for tests of pages that need a thousand rows, hostile words or a state that
takes a day to reach. Everything else is published through actions."""

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from tests.factories.ledger import officer_of
from tests.factories.programs import make_program
from tracker.journal import actions as journal
from tracker.journal.queries import size as journal_size
from tracker.publishing.actions import pointers
from tracker.publishing.actions.storing import Manifest, keep_own_entry
from tracker.publishing.content import files
from tracker.publishing.content.cells import Row, cells_of
from tracker.publishing.content.money import Counted, Tally, total_rows
from tracker.publishing.content.summary import Summary
from tracker.publishing.models import (
    PublishedFinding,
    PublishedFindingProgram,
    PublishedProgram,
    PublishedReport,
    Release,
)
from tracker.shared.money import Money

A_DAY = date(2026, 9, 30)
WITHHELD = {
    "state": "withheld",
    "category": "operational_security",
    "reason": "operational security",
    "legal_basis": "Aid Act 2024, section 40",
    "review_on": "2027-03-01",
    "decided_by": "Donor State, Ministry of Defence",
}


def usd(whole: int) -> Money:
    return Money(whole * 100, "USD")


def payment(kind="disbursement", amount=None, uid=None, withheld=(), **says) -> Row:
    """A released transaction as `publishing` writes it; `withheld` names the covered cells."""
    defaults = {
        "value_date": date(2026, 9, 2),
        "date_precision": "day",
        "fiscal_year": 2026,
        "payee": "Training Command",
        "provider": "Donor State, Ministry of Defence",
        "receiver": "Recipient State, General Staff",
        "description": "Instructors, August",
        "reference": "D-2026-0412",
        "draws_on": None,
        "reverses": None,
        "reversed": False,
        "provenance": "voucher",
        "valuation_basis": "money",
        "authority": None,
        "excess": None,
        "entry": 4655,
    }
    cells = cells_of(kind=kind, amount=amount or usd(318450), **(defaults | says))
    return Row("transaction", uid or uuid4(), cells | dict.fromkeys(withheld, WITHHELD))


def program_row(uid: UUID, **says) -> Row:
    defaults = {
        "title": "Medical evacuation training",
        "summary": "Training and equipment for 12 field evacuation teams.",
        "identifier": f"PROG-{uid.hex[:6]}",
        "status": "2",
        "nature": "operational",
        "kind_of_aid": "training",
        "owner": "Donor State, Ministry of Defence",
        "starts_on": date(2024, 1, 1),
        "ends_on": None,
        "legal_authority": "Aid Act 2024, section 12",
        "sectors": [],
        "gaps": [],
    }
    return Row("program", uid, cells_of(**(defaults | says)))


def put(stream: str, subject: UUID, rows: list[Row], day: date = A_DAY) -> Release:
    """Freeze rows as the next release of a subject."""
    by = officer_of(make_program())
    manifest = Manifest()
    manifest.add(rows)
    last = Release.objects.filter(stream=stream, subject=subject).order_by("-number").first()
    release = Release(
        stream=stream,
        subject=subject,
        number=last.number + 1 if last else 1,
        data_until=day,
        journal_size=journal_size(),
        manifest=manifest.digest,
    )
    offered = files_of(release, rows) if stream == "program" else []
    with transaction.atomic():
        said = {"stream": stream, "subject": subject, "number": release.number, "files": offered}
        release.entry_id = journal.record(
            "release", record=release, op="create", by=by, fields=said
        )
        release.save()
        manifest.write_items(release)
        keep_own_entry(release, offered)
    return Release.objects.get(pk=release.pk)


def files_of(release: Release, rows: list[Row]) -> list[files.FileSaid]:
    lines = files.transaction_lines(
        (row.subject, row.cells) for row in rows if row.kind == "transaction"
    )
    found = [files.Digest(*lines).said(files.TRANSACTIONS)]
    told: dict = {}
    for row in rows:
        told.setdefault(row.kind, []).append((row.subject, row.cells))
    for subject, _ in told.get("report", [])[-1:]:
        raw = files.report_bytes(subject, files.release_of(release), told)
        found.append(files.Digest(raw).said(files.REPORT))
    return found


def put_program(*rows: Row, uid: UUID | None = None, parties=(), **says) -> PublishedProgram:
    """A public program with these rows of any kind besides its own."""
    uid = uid or uuid4()
    tally, summary = Tally(), Summary()
    named = [
        Row("participant", uid, cells_of(role=r, organisation=n, country=None)) for r, n in parties
    ]
    small = [program_row(uid, **says), *named, *(r for r in rows if r.kind != "transaction")]
    paid = [row for row in rows if row.kind == "transaction"]
    for row in paid:
        stated = row.cells["amount"].get("value")
        amount = Money(stated["minor"], stated["currency"]) if stated else usd(1)
        tally.add(row, Counted(amount, ((row.cells["fiscal_year"]["value"], amount),)))
    for row in [*small, *paid]:
        summary.add(row)
    owner = make_program(title="Not public").__class__(uid=uid)
    everything = [*small, *paid, *total_rows(owner, tally), *summary.release_rows(uid)]
    put("program", uid, everything)
    pointers.repoint(uid)
    return PublishedProgram.objects.get(uid=uid)


def put_finding(
    *recommendations: Row, uid=None, payments=(), programs=(), withheld=(), **says
) -> PublishedFinding:
    uid = uid or uuid4()
    defaults = {
        "title": "Two payments without proof of receipt",
        "office": "Audit Office",
        "engagement": "Evacuation training 2026",
        "engagement_number": "2026-014",
        "kind": "compliance",
        "standard": "issai",
        "criteria": "Section 9: goods are paid for when receipt is confirmed.",
        "condition": "Two payments were made without a confirmation.",
        "cause": "The form was not asked for.\n\nNobody checked.",
        "effect": "Nobody can say what arrived.",
        "blank_reason": None,
        "severity": "high",
        "questioned": usd(812000),
        "issued_on": date(2026, 6, 1),
        "as_of": A_DAY,
        "payments": [{"uid": str(row), "program": str(program)} for row, program in payments],
        "programs": [str(program) for program in programs],
    }
    said = defaults | says
    cells = cells_of(**said) | dict.fromkeys(withheld, WITHHELD)
    release = put("audit", uid, [Row("finding", uid, cells), *recommendations])
    finding = PublishedFinding.objects.create(
        uid=uid,
        release=release,
        words=said["title"],
        recommendations=len(recommendations),
        open_recommendations=sum(not r.cells["closed"]["value"] for r in recommendations),
        **{k: said[k] for k in ("title", "office", "engagement", "severity", "issued_on", "as_of")},
    )
    for program in programs:
        PublishedFindingProgram.objects.create(finding=finding, program=program)
    return finding


def recommendation(number=1, state="open_resolved", overdue=0, closed=False, **says) -> Row:
    defaults = {
        "text": "Ask for a confirmation before paying.",
        "owner": "Donor State, Ministry of Defence",
        "original_due_on": date(2026, 8, 20),
        "due_on": date(2026, 8, 20),
        "response": "concur",
        "as_of": A_DAY,
    }
    cells = cells_of(
        number=number, state=state, closed=closed, overdue_days=overdue, **(defaults | says)
    )
    return Row("recommendation", uuid4(), cells)


def put_report(program: PublishedProgram, *rows: Row, **says) -> PublishedReport:
    """A report frozen in a further release of its program, which keeps the rows that it had."""
    uid = uuid4()
    defaults = {
        "title": "Third quarter 2026",
        "kind": "progress",
        "period_start": date(2026, 7, 1),
        "period_end": date(2026, 9, 30),
        "sections": [{"heading": "Summary", "body": "All teams are trained.\n\nOne is late."}],
        "owner": "Donor State, Ministry of Defence",
        "as_of": A_DAY,
    }
    said = defaults | says
    kept = [
        Row(item.kind, item.row.subject, item.row.cells)
        for item in program.release.items.select_related("row").order_by("pk")
    ]
    release = put("program", program.uid, [*kept, Row("report", uid, cells_of(**said)), *rows])
    program.release = release
    program.save()
    named = ("title", "kind", "period_start", "period_end")
    return PublishedReport.objects.create(
        uid=uid,
        release=release,
        program=program,
        words=said["title"],
        **{k: said[k] for k in named},
    )

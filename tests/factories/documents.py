"""Files as they come: honest ones of every kind, and waivers at every stage."""

import io
import struct
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta

from tests.factories import ledger
from tests.factories.accounts import make_person
from tracker.accounts.models import Role, User
from tracker.journal import actions as journal
from tracker.ledger import actions
from tracker.ledger.models import (
    SuppliedDocument,
    Voucher,
    Waiver,
    WaiverDecision,
    WaiverDecisionText,
    WaiverText,
)
from tracker.ledger.policies import types_on, unmet

MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def zipped(parts: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    """An archive of these parts."""
    packed = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def office(kind: str, *, types: str = "", **more: bytes) -> bytes:
    """A small docx, xlsx or pptx. `types` replaces what its list of types says; `more` are further parts."""
    part, main = MAIN[kind]
    told = (
        types or f'<Types><Override PartName="/{part}" ContentType="application/x.{main}"/></Types>'
    )
    return zipped({"[Content_Types].xml": told.encode(), part: b"<x/>", **more})


def open_document(kind: str, **more: bytes) -> bytes:
    """A small odt (kind “text”) or ods (“spreadsheet”)."""
    return zipped({"mimetype": f"{OPEN_DOCUMENT}{kind}".encode(), "content.xml": b"<x/>", **more})


def encrypted(packed: bytes) -> bytes:
    """The same archive with every part flagged as encrypted, in both places that say so."""
    changed = bytearray(packed)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = packed.find(mark, at + 4)
    return bytes(changed)


def claiming(packed: bytes, size: int) -> bytes:
    """The same archive, whose directory promises parts of that size when unpacked."""
    changed = bytearray(packed)
    at = packed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = struct.pack("<L", size)
        at = packed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def overlapping(packed: bytes) -> bytes:
    """The same archive, whose directory names the first part in the place of each of the others."""
    changed = bytearray(packed)
    at = packed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 42 : at + 46] = struct.pack("<L", 0)
        at = packed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


# --- Waivers ---------------------------------------------------------------


def soon(voucher: Voucher, days: int = 30):
    """A day ahead, where the voucher's organisation is."""
    return voucher.organisation.today() + timedelta(days=days)


def ask(voucher: Voucher, by: User | None = None, **says) -> Waiver:
    """A waiver of the first document that the voucher lacks, for thirty days, that waits for its decision."""
    missing = unmet(voucher, types_on(voucher))
    defaults = {
        "requirement": missing[0].value if missing else "promise",
        "category": "not_issued",
        "reason": "The supplier sends it next week.",
        "expires_on": soon(voucher),
    }
    by = by or voucher.created_by
    return actions.ask_waiver(voucher=voucher, **defaults | says, by=by)


def grant(waiver: Waiver, by: User | None = None) -> Waiver:
    by = by or ledger.approver_of(waiver.voucher.program)
    actions.decide_waiver(waiver=waiver, grant=True, by=by)
    return Waiver.objects.get(pk=waiver.pk)


def waive(voucher: Voucher, **says) -> Voucher:
    """Everything that the voucher lacks is waived; it can be submitted as it is."""
    for requirement in unmet(voucher, types_on(voucher)):
        grant(ask(voucher, requirement=requirement.value, **says))
    return voucher


def post_on_a_waiver(program, kind: str = "commitment", **says) -> Voucher:
    """A voucher that was posted without its document."""
    waiver_says = {name: says.pop(name) for name in ("category", "expires_on") if name in says}
    voucher = waive(ledger.make_voucher(program, kind, **says), **waiver_says)
    ledger.approve(actions.submit_voucher(voucher=voucher, by=voucher.created_by))
    return Voucher.objects.get(pk=voucher.pk)


def supply(voucher: Voucher, document_type: str = "contract", **says) -> SuppliedDocument:
    by = says.pop("by", None) or ledger.officer_of(voucher.program)
    defaults = {"name": "late.txt", "document_date": ledger.A_DAY}
    file = says.pop("file", None) or ledger.make_file(by=by)
    return actions.supply_document(
        voucher=voucher, file=file, document_type=document_type, **defaults | says, by=by
    )


def insert_waiver(voucher: Voucher, expires_on: date | None) -> None:
    """Past the actions."""
    text = WaiverText.objects.create(reason="Because.")
    waiver = Waiver(
        voucher=voucher,
        requirement="promise",
        category="lost",
        expires_on=expires_on,
        text=text,
        text_digest=text.digest,
        requested_by=voucher.created_by,
        entry_id=ledger.make_file().entry_id,
    )
    waiver.save()


def past_waiver(voucher: Voucher, days: int = -3, requirement: str = "promise", by=None) -> Waiver:
    """A waiver that was granted and has ended since. Only the calendar does this; no action can."""
    text = WaiverText.objects.create(reason="The supplier sends it next week.")
    waiver = Waiver(
        voucher=voucher,
        requirement=requirement,
        category="lost",
        expires_on=soon(voucher, days),
        text=text,
        text_digest=text.digest,
        requested_by=voucher.created_by,
    )
    fields = {"voucher": voucher, "requirement": requirement, "category": "lost"}
    fields |= {"expires_on": waiver.expires_on, "reason": text.reason}
    waiver.entry_id = journal.record(
        "waiver", record=waiver, op="create", by=voucher.created_by, fields=fields
    )
    waiver.save()
    decide_unasked(waiver, by or ledger.approver_of(voucher.program))
    return waiver


def decide_unasked(waiver: Waiver, by: User, verdict: str = "granted") -> WaiverDecision:
    """A decision past the action: what is left to refuse it is the database."""
    text = WaiverDecisionText.objects.create()
    decision = WaiverDecision(
        waiver=waiver, verdict=verdict, text=text, text_digest=text.digest, decided_by=by
    )
    fields = {"waiver": waiver, "verdict": verdict, "reason": ""}
    decision.entry_id = journal.record(
        "waiver_decision", record=decision, op="create", by=by, fields=fields
    )
    decision.save()
    return decision


def another_approver(voucher: Voucher) -> User:
    return make_person(Role.APPROVER, organisation=voucher.organisation)

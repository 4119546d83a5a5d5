"""A bundle of evidence: which records and documents it holds, and its bytes as a zip that is written while it is read.

Every value comes from the journal, in the proof of its entry, so that a stranger checks it against the log's key alone.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage

from tracker.audits.models import (
    Engagement,
    Finding,
    FindingStatus,
    Recommendation,
    RecommendationState,
    RecommendationStep,
)
from tracker.journal import service
from tracker.journal.receipts import proof_of
from tracker.journal.sealed import Sealed, history
from tracker.ledger.models import (
    Approval,
    EvidenceFile,
    Statement,
    Transaction,
    VersionEvidence,
    VoucherVersion,
)

FORMAT = "countersign-bundle/1"
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Documents:
    """A file as it is stored: named by its digest alone."""

    sha256: str
    stored_as: str


@dataclass(frozen=True)
class Plan:
    """What goes in. `hidden` are fields that are left out, by record: withheld for security from whoever exports."""

    title: str
    records: list[UUID]
    documents: list[Documents]
    hidden: dict[UUID, set[str]]


def findings_in(engagement: Engagement, finding: Finding | None, by: Any) -> list[Finding]:
    """Issued ones, and one's own drafts. Drafts of others are theirs until they are issued."""
    if finding is not None:
        return [finding]
    found = engagement.findings.exclude(status=FindingStatus.DROPPED).order_by("number")
    return [f for f in found if f.status == FindingStatus.ISSUED or f.written_by_id == by.pk]


def records_of(engagement: Engagement, findings: list[Finding]) -> list[UUID]:
    """The engagement, its findings and what is asked in them, the payments that they are about, and how those came to be."""
    asked = Recommendation.objects.filter(finding__in=findings)
    issued = asked.exclude(state=RecommendationState.DRAFT)
    payments = Transaction.objects.filter(finding_links__finding__in=findings).distinct()
    versions = VoucherVersion.objects.filter(transactions__in=payments).distinct()
    sources = (
        issued,
        payments,
        versions,
        Approval.objects.filter(version__in=versions),
        Statement.objects.filter(about__in=payments),
    )
    found = [engagement.uid, *(finding.uid for finding in findings)]
    for rows in sources:
        found += rows.order_by("pk").values_list("uid", flat=True)
    return list(dict.fromkeys(found))


def documents_of(findings: list[Finding], sealed: Iterable[UUID]) -> list[Documents]:
    """What the steps and the payments rest on. Papers of a payment of which something is sealed stay in the house:
    nobody can cover a name on a scan."""
    steps = RecommendationStep.objects.filter(recommendation__finding__in=findings)
    payments = Transaction.objects.filter(finding_links__finding__in=findings)
    versions = payments.exclude(uid__in=list(sealed)).values("version")
    papers = VersionEvidence.objects.filter(version__in=versions)
    keys = {*steps.values_list("evidence", flat=True), *papers.values_list("file", flat=True)}
    files = EvidenceFile.objects.filter(pk__in=keys - {None}).order_by("sha256")
    return [Documents(*row) for row in files.values_list("sha256", "stored_as")]


def contents(plan: Plan) -> bytes:
    """What the export commits to before it begins: every entry by its leaf, every document by its digest."""
    lines = [FORMAT, plan.title]
    for uid in plan.records:
        lines += [f"entry {uid} {rev} {leaf}" for rev, leaf in leaves_of(uid)]
    lines += [f"document {one.sha256}" for one in plan.documents]
    return ("\n".join(lines) + "\n").encode()


def leaves_of(uid: UUID) -> list[tuple[int, str]]:
    return [(one.rev, one.leaf) for one in history(uid)]


# --- The zip ---------------------------------------------------------------


class _Tap(io.RawIOBase):
    """What the zip writes, until somebody takes it. It cannot seek, so the zip never needs what has left."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken


def stream(plan: Plan, listed: bytes) -> Iterator[bytes]:
    """The bytes of the zip, piece by piece: memory stays the same for a bundle of any size."""
    tap = _Tap()
    sums: list[str] = []
    with zipfile.ZipFile(tap, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, pieces in _files(plan, listed):
            digest = hashlib.sha256()
            with archive.open(zipfile.ZipInfo(path), "w", force_zip64=True) as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                    yield tap.take()
            sums.append(f"{digest.hexdigest()}  {path}\n")
            yield tap.take()
        archive.writestr(zipfile.ZipInfo("SHA256SUMS"), "".join(sums))
    yield tap.take()


def _files(plan: Plan, listed: bytes) -> Iterator[tuple[str, Iterable[bytes]]]:
    docs = Path(settings.BASE_DIR) / "docs"
    yield "README.txt", [_README.format(title=plan.title).encode()]
    yield "check_bundle.py", [(docs / "check_bundle.py").read_bytes()]
    yield "contents.txt", [listed]
    keys = "".join(f"{verifier.vkey}\n" for verifier, _ in service.keyring().every())
    yield "log.vkey", [keys.encode()]
    for uid in plan.records:
        yield from _record(uid, plan.hidden.get(uid, set()))
    for one in plan.documents:
        yield f"documents/{one.sha256}", _pieces(one.stored_as)


def _record(uid: UUID, hidden: set[str]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each entry with its proof; one that no signed checkpoint covers yet lies there without one."""
    for one in history(uid):
        told = {n: d for n, d in one.disclosures.items() if n not in hidden}
        name = f"records/{uid}/{one.rev}"
        proof = proof_of(one.number, one.body, told)
        if proof is not None:
            yield f"{name}.tlog-proof", [str(proof).encode()]
        else:
            yield f"{name}.waiting.json", [_waiting(one, told)]


def _waiting(one: Sealed, told: dict[str, str]) -> bytes:
    said = {"entry": one.body.decode(), "disclosures": told}
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()


def _pieces(stored_as: str) -> Iterator[bytes]:
    with default_storage.open(stored_as) as file:
        while piece := file.read(CHUNK):
            yield piece


_README = """\
{title}

A bundle of evidence that is checked without the office that made it:

  python3 check_bundle.py [the log's key, from somewhere else]

Python 3.9 or newer, nothing to install. Read the program first: it is short, and its comments say what it does.

  contents.txt              every entry and document that the export committed to before it began
  records/<record>/<n>.tlog-proof   the n-th entry of a record, its values, and the proof that it is in the signed log
  records/<record>/<n>.waiting.json an entry that no signed checkpoint covered yet when this was made: not proven
  documents/<sha-256>       files, named by the digest that the entries state
  log.vkey                  the log's keys, as the office has them. Whoever forges a bundle forges its keys with it: take
                            the key from somewhere else, and name it when you check
  SHA256SUMS                the digest of every other file here

Values that are withheld for security from whoever exported are not here; the entries that hold them are, with the
digests of those values. Persons are named by their identifiers only.
"""

"""Preparing working papers, version after version, and reviewing them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.actions.engagements import lock_engagement
from tracker.audits.actions.recommendations import NewFile
from tracker.audits.models import (
    Engagement,
    Finding,
    NoteText,
    PaperFile,
    PaperLink,
    PaperReview,
    PaperText,
    PaperVersion,
    ReviewNote,
    WorkingPaper,
)
from tracker.journal import actions as journal
from tracker.ledger.actions.evidence import safe_name, store_file
from tracker.ledger.models import EvidenceFile, Transaction
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields


@dataclass(frozen=True, kw_only=True)
class PaperWords:
    """What a paper says: why it was made, where its content comes from, and what follows from it."""

    title: str
    purpose: str
    source: str
    conclusion: str = ""


@dataclass(frozen=True, kw_only=True)
class References:
    """What a paper is referred to: other papers, findings that it supports, transactions that it examined."""

    papers: Collection[WorkingPaper] = ()
    findings: Collection[Finding] = ()
    transactions: Collection[Transaction] = ()


@transaction.atomic
def begin_paper(
    *,
    engagement: Engagement,
    index: str,
    words: PaperWords,
    files: Sequence[NewFile] = (),
    references: References | None = None,
    by: User,
) -> WorkingPaper:
    """Begin a paper under an index that the engagement has not used, with its first version."""
    engagement = lock_engagement(engagement)
    policies.check_can_write_papers(by, engagement)
    index = index.strip().upper()
    policies.check_index(engagement, index)
    paper = WorkingPaper(engagement=engagement, index=index, begun_by=by)
    fields = {"engagement": engagement, "index": index}
    paper.entry_id = journal.record(
        "working_paper", record=paper, op="create", by=by, fields=fields
    )
    paper.save(force_insert=True)
    _prepare(paper, words, _stored(files, by), references or References(), by)
    return paper


@transaction.atomic
def revise_paper(
    *,
    paper: WorkingPaper,
    words: PaperWords,
    files: Sequence[NewFile] = (),
    drop: Collection[EvidenceFile] = (),
    references: References | None = None,
    by: User,
) -> PaperVersion:
    """Prepare the next version: it keeps the files of the last one but those in `drop`, and needs a review anew."""
    lock_engagement(paper.engagement)
    policies.check_can_write_papers(by, paper.engagement)
    kept = [(file, name) for file, name in files_of(policies.newest_of(paper)) if file not in drop]
    return _prepare(paper, words, [*kept, *_stored(files, by)], references or References(), by)


@transaction.atomic
def review_paper(*, paper: WorkingPaper, by: User) -> PaperReview:
    """Stand for the newest version as its second auditor. Whoever prepared any version of it cannot."""
    lock_engagement(paper.engagement)
    policies.check_can_review(by, paper)
    review = PaperReview(version=policies.newest_of(paper), reviewed_by=by)
    review.entry_id = journal.record(
        "paper_review", record=review, op="create", by=by, fields={"version": review.version}
    )
    review.save(force_insert=True)
    return review


@transaction.atomic
def note_on_paper(*, paper: WorkingPaper, note: str, by: User) -> ReviewNote:
    """Ask something about the newest version. It is not reviewed before somebody answered."""
    lock_engagement(paper.engagement)
    policies.check_can_note(by, paper)
    policies.check_said(note, "note", "Say what you ask about the paper.")
    version = policies.newest_of(paper)
    written = _write_note(version, note, None, by)
    sentence = f"A review note asks about your working paper {paper.index}."
    notify(person=version.prepared_by, sentence=sentence, path=paper.get_absolute_url())
    return written


@transaction.atomic
def answer_note(*, note: ReviewNote, words: str, by: User) -> ReviewNote:
    """Answer a review note, once. Whoever wrote it is told."""
    note = ReviewNote.objects.select_related("version__paper__engagement").get(pk=note.pk)
    paper = note.version.paper
    lock_engagement(paper.engagement)
    policies.check_can_answer(by, note, words)
    answer = _write_note(note.version, words, note, by)
    sentence = f"Your note on working paper {paper.index} is answered."
    notify(person=note.written_by, sentence=sentence, path=paper.get_absolute_url())
    return answer


def files_of(version: PaperVersion) -> list[tuple[EvidenceFile, str]]:
    """The files of a version with the names under which they were handed in (empty if the names were erased)."""
    rows = version.files.select_related("file").order_by("pk")
    names = version.text.file_names.split("\n") if version.text.file_names else []
    return [(row.file, name) for row, name in zip(rows, [*names, *[""] * len(rows)], strict=False)]


def _stored(files: Sequence[NewFile], by: User) -> list[tuple[EvidenceFile, str]]:
    return [
        (
            store_file(file=one.file, name=one.name, content_type=one.content_type, by=by),
            safe_name(one.name),
        )
        for one in files
    ]


def _prepare(
    paper: WorkingPaper,
    words: PaperWords,
    files: list[tuple[EvidenceFile, str]],
    references: References,
    by: User,
) -> PaperVersion:
    _check_references(paper, references)
    files = list({file.pk: (file, name) for file, name in files}.values())
    said = {name: value.strip() for name, value in asdict(words).items()}
    text = PaperText(**said, file_names="\n".join(name for _, name in files))
    check_fields(text)
    text.save()
    links: list[list[Any]] = [
        *([one, None, None] for one in references.papers),
        *([None, one, None] for one in references.findings),
        *([None, None, one] for one in references.transactions),
    ]
    version = PaperVersion(
        paper=paper,
        number=paper.versions.count() + 1,
        text=text,
        text_digest=text.digest,
        prepared_by=by,
    )
    fields = {"paper": paper, "number": version.number, "links": links}
    fields |= {"files": [file.sha256 for file, _ in files]}
    version.entry_id = journal.record(
        "paper_version",
        record=version,
        op="create",
        by=by,
        fields=fields | {name: getattr(text, name) for name in PaperText.TEXTS},
    )
    version.save(force_insert=True)
    PaperFile.objects.bulk_create(PaperFile(version=version, file=file) for file, _ in files)
    PaperLink.objects.bulk_create(
        PaperLink(version=version, paper=other, finding=finding, transaction=row)
        for other, finding, row in links
    )
    return version


def _check_references(paper: WorkingPaper, references: References) -> None:
    """Within the engagement: its other papers, its findings, transactions in its scope."""
    for other in references.papers:
        if other.engagement_id != paper.engagement_id or other.pk == paper.pk:
            raise Refused({"papers": "Refer to another paper of this engagement."})
    for finding in references.findings:
        if finding.engagement_id != paper.engagement_id:
            raise Refused({"findings": "Refer to a finding of this engagement."})
    scope = policies.scope_of(paper.engagement)
    for row in references.transactions:
        policies.check_in_scope(row, scope)


def _write_note(
    version: PaperVersion, words: str, answers: ReviewNote | None, by: User
) -> ReviewNote:
    text = NoteText(note=words.strip())
    check_fields(text)
    text.save()
    note = ReviewNote(
        version=version, answers=answers, text=text, text_digest=text.digest, written_by=by
    )
    fields = {"version": version, "answers": answers, "note": text.note}
    note.entry_id = journal.record("review_note", record=note, op="create", by=by, fields=fields)
    note.save(force_insert=True)
    return note

"""What belongs to a report beside its words: pictures, and what its readers say of its sections."""

import hashlib

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.publishing import images, policies, queries
from tracker.publishing.actions import pictures
from tracker.publishing.models import CommentSettled, Report, ReportImage, SectionComment
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields

MOST_IMAGES = 40


@transaction.atomic
def add_image(*, report: Report, file: File, by: User) -> ReportImage:
    """Take a picture in for a report: decoded and written anew, stored once under its SHA-256.

    Refused: what is no PNG and no JPEG, too large, moving, or not to be read to its end.
    """
    report = Report.objects.select_for_update().get(pk=report.pk)
    policies.check_can_edit_report(by, report)
    if report.images.count() >= MOST_IMAGES:
        raise Refused({"file": f"A report has at most {MOST_IMAGES} pictures."})
    file.seek(0)
    picture = pictures.clean(file.read(pictures.MOST_BYTES + 1))
    sha256 = _keep(picture.raw)
    found = report.images.filter(sha256=sha256).first()
    if found is not None:
        return found
    image = ReportImage(
        report=report,
        sha256=sha256,
        media=picture.media,
        size=len(picture.raw),
        width=picture.width,
        height=picture.height,
        added_by=by,
    )
    names = ("report", "sha256", "media", "size", "width", "height")
    fields = {name: getattr(image, name) for name in names}
    image.entry_id = journal.record("report_image", record=image, op="create", by=by, fields=fields)
    image.save()
    return image


def _keep(raw: bytes) -> str:
    sha256 = hashlib.sha256(raw).hexdigest()
    path = images.path_of(sha256)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(raw))
    return sha256


@transaction.atomic
def comment_on_section(
    *, report: Report, heading: str, seen: str, body: str, by: User
) -> SectionComment:
    """Say something of a section as it stands: `seen` is the digest of the text that was read. Its authors are told.

    Refused when that text is no longer there.
    """
    report = Report.objects.select_for_update().get(pk=report.pk)
    policies.check_can_comment(by, report)
    if (heading, seen) not in {(s.heading, s.digest) for s in queries.written_sections(report)}:
        raise Refused(
            "The section was changed while you were writing: copy your comment, read it again, then say it."
        )
    comment = SectionComment(
        report=report, heading=heading, section_digest=seen, body=body.strip(), written_by=by
    )
    comment.entry_id = _record(comment, "create", by)
    check_fields(comment, exclude=("entry", "written_at"))
    comment.save()
    wrote = User.objects.filter(pk__in=report.edits.values("person"), is_active=True)
    for person in wrote.exclude(pk=by.pk).order_by("pk"):
        sentence = f"Settle a comment on “{heading}” of the report “{report.title}”."
        notify(person=person, sentence=sentence[:300], path=_path(report))
    return comment


def _record(comment: SectionComment, op: str, by: User, **more: object) -> int:
    names = ("report", "heading", "section_digest", "body")
    fields = {name: getattr(comment, name) for name in names} | more
    return journal.record("report_comment", record=comment, op=op, by=by, fields=fields)


def _path(report: Report) -> str:
    return reverse("publishing:report", args=[report.uid])


@transaction.atomic
def settle_comment(
    *, comment: SectionComment, followed: bool, note: str = "", by: User
) -> CommentSettled:
    """Say what came of a comment: it was followed, or why it was not. Whoever wrote it is told."""
    report = Report.objects.select_for_update().get(pk=comment.report_id)
    policies.check_can_settle(by, comment)
    note = note.strip()
    if not followed and not note:
        raise Refused({"note": "Say why you do not follow the comment."})
    op = "follow" if followed else "decline"
    settled = CommentSettled.objects.create(
        comment=comment,
        followed=followed,
        note=note,
        settled_by=by,
        entry_id=_record(comment, op, by, followed=followed, note=note),
    )
    if comment.written_by_id != by.pk:
        came = "was followed" if followed else "was not followed"
        sentence = f"Your comment on “{comment.heading}” {came}."
        notify(person=comment.written_by, sentence=sentence[:300], path=_path(report))
    return settled

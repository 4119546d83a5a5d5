"""The journal in public. Like every public page these ask for no person and no session; files answer as files."""

import hashlib
from collections.abc import Callable, Iterator
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from tracker.journal import service
from tracker.journal.verifier import Verdict
from tracker.public.journal import queries, tiles, verifying
from tracker.public.releases import past
from tracker.public.releases.views import standing_release
from tracker.public.views import GONE, Withdrawn, absent_program, absent_report, public
from tracker.publishing import images, released
from tracker.publishing.content import files, kept
from tracker.publishing.models import Release, ReleasedFile

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
SHORT = 5  # seconds: a checkpoint grows all the time
MEDIA_BY_SUFFIX = {suffix: media for media, suffix in images.SUFFIXES.items()}
FOR_EVER = "public, max-age=31536000, immutable"
JOURNAL = ("The journal", "/journal/")

View = Callable[..., HttpResponseBase]


def file(view: View) -> View:
    """A public file. What is not there is said in a sentence of plain text."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Withdrawn as gone:
            sentence = past.gravestone(gone.stone).sentence
            response = HttpResponse(f"{sentence}\n", content_type=TEXT, status=GONE)
        if response.status_code in (404, GONE):
            response["Cache-Control"] = "no-store"
        elif not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, max_age=60)
        return response

    return login_not_required(require_safe(answer))


def _sent(request: HttpRequest, raw: bytes, kind: str, name: str = "") -> HttpResponse:
    """Bytes with their ETag; 304 for who has them already."""
    etag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
    response = HttpResponse(raw, content_type=kind)
    response["ETag"] = etag
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    found = get_conditional_response(request, etag=etag, response=response)
    return found if isinstance(found, HttpResponse) else response


def _nothing(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, content_type=TEXT, status=404)


def _not_now(sentence: str) -> HttpResponse:
    response = HttpResponse(sentence, content_type=TEXT, status=503)
    response["Cache-Control"] = "no-store"
    return response


# --- The log ---------------------------------------------------------------


@file
def checkpoint(request: HttpRequest) -> HttpResponse:
    found = service.publication().checkpoint()
    if found is None:
        return _nothing(tiles.NO_CHECKPOINT)
    response = _sent(request, found.encode(), TEXT)
    patch_cache_control(response, public=True, max_age=SHORT)
    return response


@file
def tile(request: HttpRequest, path: str) -> HttpResponse:
    asked = tiles.tile_at(path)
    raw = None if asked is None else tiles.read(asked)
    if raw is None:
        return _nothing(tiles.NO_TILE)
    response = _sent(request, raw, BYTES)
    response["Cache-Control"] = FOR_EVER
    return response


@file
def bundle(request: HttpRequest, path: str) -> HttpResponse:
    return _nothing(tiles.WITHHELD)


@file
def keys(request: HttpRequest) -> HttpResponse:
    return _sent(request, tiles.key_lines().encode(), TEXT, "log.vkey")


@file
def policy(request: HttpRequest) -> HttpResponse:
    text = tiles.policy_text()
    return _sent(request, text.encode(), TEXT, "log.policy") if text else _nothing(tiles.NO_POLICY)


# --- Pages -----------------------------------------------------------------


@public
def journal(request: HttpRequest) -> HttpResponse:
    page = queries.journal_page(request.GET.get("page", ""))
    context = {
        "page": page,
        "every": settings.JOURNAL_SECONDS,
        "trail": [("Overview", "/"), (JOURNAL[0], "")],
    }
    return TemplateResponse(request, "public/journal.html", context)


@public
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    page = queries.record_page(uid)
    if page is None:
        raise Http404
    context = {"page": page, "trail": [JOURNAL, ("The entry of a record", "")]}
    return TemplateResponse(request, "public/journal_record.html", context)


@file
def record_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = released.entry_of(uid)
    if found is None:
        raise Http404
    return _proof(request, queries.proof_text(found), str(uid))


def _proof(request: HttpRequest, text: str | None, name: str) -> HttpResponse:
    if text is None:
        every = settings.JOURNAL_SECONDS
        return _nothing(
            "It is public, and its journal entry is not under a published checkpoint yet. One is signed every "
            f"{every} seconds when there is something new: try again then.\n"
        )
    return _sent(request, text.encode(), TEXT, f"{name}.tlog-proof")


# --- Files of releases -----------------------------------------------------


def _file_of_program(uid: UUID) -> ReleasedFile:
    program = released.current_program(uid)
    if program is None:
        raise absent_program(uid)
    return _file_in(program.release, files.TRANSACTIONS)


def _file_in(release: Release, name: str) -> ReleasedFile:
    found = released.file_of(release, name)
    if found is None:
        raise Http404
    return found


def _file_of_release(uid: UUID, number: int) -> ReleasedFile:
    return _file_in(standing_release(uid, number), files.TRANSACTIONS)


def _file_of_report(uid: UUID, name: str = files.REPORT) -> ReleasedFile:
    report = released.reports().filter(uid=uid).first()
    if report is None:
        raise absent_report(uid)
    return _file_in(report.release, name)


@file
def transactions_file(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every released transaction, streamed: the bytes that the release's entry commits to."""
    return _transactions(_file_of_program(uid).release)


@file
def release_file(request: HttpRequest, uid: UUID, number: int) -> HttpResponseBase:
    """The same of a release that need not be the newest."""
    return _transactions(_file_of_release(uid, number).release)


def _transactions(release: Release) -> HttpResponseBase:
    lines = files.transaction_lines(released.transactions(release))
    response = StreamingHttpResponse(_chunks(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{_name(release)}-{files.TRANSACTIONS}"'
    )
    return response


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines in pieces of some size: a chunk of its own for each would take longer than the line."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) > 1 << 16:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _name(release: Release) -> str:
    return f"{release.subject}-release-{release.number}"


@file
def transactions_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = _file_of_program(uid)
    return _proof(request, queries.file_proof(found), f"{_name(found.release)}-{found.name}")


@file
def release_proof(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    found = _file_of_release(uid, number)
    return _proof(request, queries.file_proof(found), f"{_name(found.release)}-{found.name}")


@file
def report_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    release = _file_of_report(uid).release
    rows = released.frozen_rows(release, files.REPORT_KINDS)
    raw = files.report_bytes(uid, files.release_of(release), rows)
    return _sent(request, raw, "application/json", f"{uid}-{files.REPORT}")


@file
def report_pdf(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _kept(request, uid, files.REPORT_PDF, "application/pdf")


@file
def report_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _kept(request, uid, files.REPORT_HTML, "text/html; charset=utf-8")


def _kept(request: HttpRequest, uid: UUID, name: str, kind: str) -> HttpResponse:
    """The bytes as they were made when the report was published, checked against what its entry commits to."""
    raw = kept.read(_file_of_report(uid, name).sha256)
    if raw is None:
        return _not_now(
            "The bytes of this file are not in the store just now, or are not those that were published. Its SHA-256 and its "
            "proof stand, and the report is here as a page and as JSON. Tell the operator.\n"
        )
    return _sent(request, raw, kind, f"{uid}-{name}")


@file
def report_pdf_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _proof_of_report(request, uid, files.REPORT_PDF)


@file
def report_page_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _proof_of_report(request, uid, files.REPORT_HTML)


@file
def report_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _proof_of_report(request, uid, files.REPORT)


def _proof_of_report(request: HttpRequest, uid: UUID, name: str) -> HttpResponse:
    return _proof(request, queries.file_proof(_file_of_report(uid, name)), f"{uid}-{name}")


@file
def picture(request: HttpRequest, sha256: str) -> HttpResponse:
    """A picture of a public report, by its digest: always the same bytes, shown and never run."""
    found = released.picture(sha256)
    media = found and MEDIA_BY_SUFFIX.get(found.name.rpartition(".")[2])
    raw = images.read(sha256) if media else None
    if raw is None or not media:
        return _nothing("No public report carries a picture with this SHA-256.\n")
    response = _sent(request, raw, media)
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- Verifying -------------------------------------------------------------


# Nobody is known here and nothing is changed, so there is nothing to forge; a token would set a cookie on a public page.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """A form, and the verdict on what was brought: `what` by GET, files by POST."""
    words = request.GET.get("what", "")
    verdict, problem, status = None, "", 200
    try:
        if request.method == "POST":
            verdict = _verdict_on_upload(request)
        elif words.strip():
            verdict = verifying.verdict_on_words(words[:200])
    except verifying.Unusable as error:
        problem = str(error)
        status = 413 if problem == verifying.TOO_LARGE else 200
    context = {
        "verdict": verdict,
        "problem": problem,
        "words": words[:200],
        "trail": [JOURNAL, ("Check something", "")],
    }
    response = TemplateResponse(request, "public/journal_verify.html", context, status=status)
    if request.method == "POST":
        patch_cache_control(response, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=60)
    return response


def _verdict_on_upload(request: HttpRequest) -> Verdict:
    """The size is looked at before a byte of the body is read."""
    if _length(request) > verifying.IN_ALL:
        raise verifying.Unusable(verifying.TOO_LARGE)
    found = [_brought(one) for name in ("file", "proof") for one in request.FILES.getlist(name)[:2]]
    return verifying.verdict_on(found)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return verifying.IN_ALL + 1


def _brought(upload: UploadedFile) -> verifying.Brought:
    size = upload.size or 0
    if size > verifying.LARGEST:
        raise verifying.Unusable(verifying.TOO_LARGE)
    hasher, kept = hashlib.sha256(), bytearray()
    for part in upload.chunks():
        hasher.update(part)
        kept += part[: verifying.longest_text() + 1 - len(kept)]
    text = bytes(kept) if size <= verifying.longest_text() else None
    return verifying.Brought(upload.name or "the file", hasher.hexdigest(), size, text)

"""Pages of uploads: the list, a new one, one upload with its steps, its rows and its verbs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from tracker.accounts.forms import add_refusal
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import queries as ledger
from tracker.ledger.requests import note_refusal
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import asked, permits
from tracker.uploads import actions, policies, queries
from tracker.uploads.filters import RowFilter, UploadFilter
from tracker.uploads.forms import ReturnForm, UploadForm
from tracker.uploads.models import RowState, Upload, UploadStatus
from tracker.uploads.tables import RowTable, UploadTable

HOME = ("Uploads", "/desk/uploads/")


def _load(request: StaffRequest, uid: UUID) -> Upload:
    related = ("organisation", "voucher", "file", "uploaded_by")
    found = Upload.objects.visible_to(request.user).select_related(*related)
    return get_object_or_404(found, uid=uid)


@require_GET
def upload_list(request: StaffRequest) -> HttpResponseBase:
    rows = Upload.objects.visible_to(request.user).for_table()
    return table_page(
        request,
        "uploads/upload_list.html",
        filterset=UploadFilter(request.GET, queryset=rows, request=request),
        table_class=UploadTable,
        csv_name="uploads",
        trail=[("Uploads", "")],
        may_upload=queries.organisations_for(request.user).exists(),
    )


@require_http_methods(["GET", "POST"])
def upload_new(request: StaffRequest) -> HttpResponse:
    if not queries.organisations_for(request.user).exists():
        raise NotAllowed("Only a program officer of an organisation may upload files.")
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.create_upload(
                organisation=said["organisation"],
                file=said["file"],
                file_name=said["file"].name,
                mapping=said["mapping"],
                by=request.user,
            )
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            return redirect("uploads:upload", made.uid)
    context = {"form": form, "trail": [HOME, ("New upload", "")]}
    return TemplateResponse(request, "uploads/upload_new.html", context)


@require_GET
def upload(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    found = _load(request, uid)
    preview = queries.preview_of(found)
    rows = found.rows.select_related("program", "transaction")
    return table_page(
        request,
        "uploads/upload.html",
        filterset=RowFilter(request.GET, queryset=rows, request=request),
        table_class=RowTable,
        csv_name=f"rows of {found.file_name}",
        trail=[HOME, (found.file_name, "")],
        upload=found,
        preview=preview,
        new=queries.control_totals(preview.tally, RowState.GOOD),
        known=queries.control_totals(preview.tally, RowState.KNOWN),
        sums=queries.sums_by_kind(preview.tally.totals(), RowState.GOOD),
        steps=queries.steps(found),
        history=queries.history(found),
        return_form=ReturnForm(),
        **_may(request, found),
        **_progress(request, found),
    )


def _may(request: StaffRequest, found: Upload) -> dict[str, Any]:
    """What this person may do with the upload now."""
    user, version = request.user, queries.version_of(found)
    waits = found.stands == UploadStatus.SUBMITTED
    signature, reason = asked(policies.check_can_approve, user, found, version)
    return {
        "may_submit": permits(policies.check_can_submit, user, found),
        "may_discard": permits(policies.check_can_discard, user, found),
        "may_return": permits(policies.check_can_return, user, found, version),
        "why_not_approve": reason,
        "signature": signature,
        "signatures": ledger.signatures_of(found.voucher, version),
        "may_stop": permits(policies.check_can_stop, user, found),
        "may_continue": permits(policies.check_can_continue, user, found),
        "waits": waits,
    }


def _progress(request: StaffRequest, found: Upload) -> dict[str, Any]:
    done = queries.progress(found)
    rule = (
        policies.check_can_check
        if found.stands == UploadStatus.CHECKING
        else policies.check_can_post
    )
    return {
        "progress": done,
        "may_advance": permits(rule, request.user, found),
        # After a refusal the page does not go on by itself: somebody reads the sentence first.
        "by_itself": "paused" not in request.GET,
    }


def _is_htmx(request: StaffRequest) -> bool:
    return bool(getattr(request, "htmx", False))


@require_POST
def upload_advance(request: StaffRequest, uid: UUID) -> HttpResponse:
    """One step of checking or posting. With htmx the page goes on by itself; without, by its button."""
    found = _load(request, uid)
    page = reverse("uploads:upload", args=[uid])
    step = actions.check_next if found.stands == UploadStatus.CHECKING else actions.post_next
    before = found.stands
    try:
        found = step(upload=found, by=request.user)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
        paused = f"{page}?paused=1"
        return HttpResponseClientRedirect(paused) if _is_htmx(request) else redirect(paused)
    if not _is_htmx(request):
        return redirect(page)
    if found.stands != before:
        return HttpResponseClientRefresh()
    return TemplateResponse(
        request, "uploads/_progress.html", {"upload": found, **_progress(request, found)}
    )


def _do(
    request: StaffRequest, uid: UUID, act: Callable[[Upload], object], done: str = ""
) -> HttpResponse:
    """Do one thing to an upload and show it again, with what was done (`done`, or what `act` says) or why it was not."""
    found = _load(request, uid)
    try:
        said = act(found)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done or str(said))
    return redirect("uploads:upload", uid)


@require_POST
def upload_submit(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _do(
        request,
        uid,
        lambda found: actions.submit_upload(upload=found, by=request.user),
        "The batch is submitted. Its approvers were told.",
    )


@require_POST
def upload_stop(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _do(
        request,
        uid,
        lambda found: actions.stop_posting(upload=found, by=request.user),
        "Posting is stopped. What is posted stays posted; the rest waits.",
    )


@require_POST
def upload_continue(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _do(
        request,
        uid,
        lambda found: actions.continue_posting(upload=found, by=request.user),
        "Posting goes on.",
    )


@require_POST
def upload_discard(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _do(
        request,
        uid,
        lambda found: actions.discard_upload(upload=found, by=request.user),
        "The upload is discarded. Nothing of it was posted.",
    )


@require_POST
@recently_authenticated
def upload_approve(request: StaffRequest, uid: UUID) -> HttpResponse:
    def act(found: Upload) -> str:
        if actions.approve_upload(upload=found, by=request.user).status == UploadStatus.SUBMITTED:
            return "You have signed the batch. It waits for another signature."
        return "The batch is approved and is being posted."

    return _do(request, uid, act)


@require_POST
def upload_return(request: StaffRequest, uid: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")[:4000]
    return _do(
        request,
        uid,
        lambda found: actions.return_upload(upload=found, reason=reason, by=request.user),
        "The batch is returned. Its officer was told.",
    )

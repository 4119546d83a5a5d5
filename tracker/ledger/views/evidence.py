"""Evidence: taking it in, taking it off, handing it out as a file and never as a page."""

import hashlib
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies
from tracker.ledger.forms import AttachForm
from tracker.ledger.models import Attachment, EvidenceFile, Voucher
from tracker.ledger.requests import note_refusal
from tracker.shared.errors import Refused


@require_POST
def voucher_attach(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Voucher.objects.visible_to(request.user), uid=uid)
    form = AttachForm(request.POST, request.FILES)
    try:
        policies.check_can_edit(request.user, found)
        if not form.is_valid():
            raise Refused("Choose a file first, with a name of at most 200 characters.")
        _attach(request, found, form.cleaned_data["file"])
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    return redirect("ledger:voucher", found.uid)


@transaction.atomic
def _attach(request: StaffRequest, found: Voucher, sent: UploadedFile) -> None:
    stored = actions.store_file(
        file=sent, name=sent.name or "", content_type=sent.content_type or "", by=request.user
    )
    attachment = actions.attach_file(
        voucher=found, file=stored, name=sent.name or "", by=request.user
    )
    messages.success(request, f"{attachment.name} is attached.")


@require_POST
def evidence_remove(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("voucher"), uid=uid
    )
    try:
        actions.remove_attachment(attachment=found, by=request.user)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{found.name} is taken off.")
    return redirect("ledger:voucher", found.voucher.uid)


@require_GET
def evidence(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """The file itself, as a download that no browser opens in our name; checked against its SHA-256 first."""
    found = get_object_or_404(
        Attachment.objects.visible_to(request.user).select_related("file"), uid=uid
    )
    return hand_out(found.file, found.name)


def hand_out(stored: EvidenceFile, name: str) -> FileResponse:
    """A stored file under a name, checked against its SHA-256 before a byte of it leaves."""
    if not default_storage.exists(stored.stored_as):
        raise Http404("The file is not in the store.")
    file = default_storage.open(stored.stored_as)
    if hashlib.file_digest(file, "sha256").hexdigest() != stored.sha256:
        file.close()
        raise Refused(
            f"{name} is no longer the file that was handed in (its SHA-256 differs): "
            "it is not handed out. Tell an administrator and an auditor."
        )
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = stored.content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response

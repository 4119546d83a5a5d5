"""Evidence: taking it in, taking it off, handing it out as a file and never as a page."""

import hashlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import User
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.forms import AttachForm
from tracker.ledger.models import Attachment, EvidenceFile, SuppliedDocument, Transaction, Voucher
from tracker.ledger.requests import note_refusal
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.policies import permits
from tracker.shared.sealing import veil_for


def load_voucher(request: StaffRequest, uid: UUID) -> Voucher:
    seen = Voucher.objects.visible_to(request.user).select_related("organisation", "program__owner")
    return get_object_or_404(seen, uid=uid)


def evidence_context(found: Voucher, user: User) -> dict[str, Any]:
    """What a voucher rests on and lacks, and what this person may do about it."""
    documents = queries.filed(found, user)
    needs = queries.needs_of(found, documents, found.organisation.today())
    return {
        "documents": documents,
        "needs": needs,
        "repeated": [d for d in documents if d.counts and d.uses.total],
        "may_supply": permits(policies.check_can_supply, user, found),
        "may_ask_waiver": any(not need.documents for need in needs)
        and permits(policies.check_can_ask_waiver, user, found),
        "attach": AttachForm(),
    }


@require_POST
def voucher_attach(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load_voucher(request, uid)
    form = AttachForm(request.POST, request.FILES)
    try:
        policies.check_can_edit(request.user, found)
        if not form.is_valid():
            raise Refused(form.sentence())
        attachment = _attach(request, found, form)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        label = attachment.get_document_type_display()
        messages.success(request, f"{attachment.name} is attached ({label}).")
    return redirect("ledger:voucher", found.uid)


def _stored(request: StaffRequest, sent: UploadedFile) -> EvidenceFile:
    return actions.store_file(
        file=sent, name=sent.name or "", content_type=sent.content_type or "", by=request.user
    )


@transaction.atomic
def _attach(request: StaffRequest, found: Voucher, form: AttachForm) -> Attachment:
    sent = form.cleaned_data["file"]
    return actions.attach_file(
        voucher=found,
        file=_stored(request, sent),
        name=sent.name or "",
        **form.says(),
        by=request.user,
    )


@require_http_methods(["GET", "POST"])
def voucher_supply(request: StaffRequest, uid: UUID) -> HttpResponse:
    """A document for a voucher that is posted already."""
    found = load_voucher(request, uid)
    page = reverse("ledger:voucher", args=[found.uid])
    try:
        policies.check_can_supply(request.user, found)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
        return redirect(page)
    form = AttachForm(request.POST, request.FILES) if request.method == "POST" else AttachForm()
    if form.is_valid():
        try:
            supplied = _supply(request, found, form)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{supplied.name} is supplied. The voucher stays as posted.")
            return redirect(page)
    trail = [("Vouchers", "/desk/vouchers/"), (f"Voucher {found.number}", page), ("Supply", "")]
    documents = queries.filed(found, request.user)
    needs = queries.needs_of(found, documents, found.organisation.today())
    context = {"voucher": found, "form": form, "cancel": page, "trail": trail, "needs": needs}
    return TemplateResponse(request, "ledger/supply.html", context)


@transaction.atomic
def _supply(request: StaffRequest, found: Voucher, form: AttachForm) -> SuppliedDocument:
    sent = form.cleaned_data["file"]
    return actions.supply_document(
        voucher=found,
        file=_stored(request, sent),
        name=sent.name or "",
        **form.says(),
        by=request.user,
    )


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
    """A file that was attached, as it was handed in."""
    seen = Attachment.objects.visible_to(request.user).select_related("file", "voucher")
    found = get_object_or_404(seen, uid=uid)
    refuse_sealed(request, found.voucher)
    return hand_out(found.file, found.name)


@require_GET
def supplied(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """A file that came after the posting, as it was handed in."""
    seen = SuppliedDocument.objects.visible_to(request.user).select_related(
        "file", "text", "voucher"
    )
    found = get_object_or_404(seen, uid=uid)
    refuse_sealed(request, found.voucher)
    return hand_out(found.file, found.name)


def refuse_sealed(request: StaffRequest, *records: Voucher | Transaction) -> None:
    """Nobody can cover a name on a scan: where something of the payment is sealed, its papers are."""
    veil = veil_for(request.user)
    if any(veil.covers(record) for record in records):
        raise NotAllowed(
            "Something of this payment is withheld from you, and its papers would tell it. Read what is withheld from "
            "the payment's page, or ask the owner's disclosure officer for the paper."
        )


def hand_out(stored: EvidenceFile, name: str) -> FileResponse:
    """The file itself, as a download that no browser opens in our name; checked against its SHA-256 first."""
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

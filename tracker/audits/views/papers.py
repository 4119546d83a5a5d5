"""Pages of working papers: the index of an engagement, a paper with its versions, its review."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.actions.papers import files_of
from tracker.audits.filters import PaperFilter
from tracker.audits.forms.work import NoteForm, PaperForm, initial_paper
from tracker.audits.models import ReviewNote, WorkingPaper
from tracker.audits.tables import PaperTable
from tracker.audits.views.engagements import load as load_engagement
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not


def load(request: StaffRequest, uid: UUID) -> WorkingPaper:
    rows = WorkingPaper.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("engagement__office", "begun_by"), uid=uid)


@require_GET
def paper_list(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    engagement = load_engagement(request, uid)
    if request.user.organisation_id != engagement.office_id:
        policies.check_on_team(request.user, engagement, to="read its working papers")
    rows = queries.papers_of(request.user).filter(engagement=engagement)
    return table_page(
        request,
        "audits/paper_list.html",
        filterset=PaperFilter(request.GET, queryset=rows),
        table_class=PaperTable,
        csv_name=f"papers-{engagement.number}",
        engagement=engagement,
        may_write=permits(policies.check_can_write_papers, request.user, engagement),
    )


@require_GET
def paper(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    versions = queries.versions_of(found)
    for version in versions:
        version.named_files = files_of(version)  # type: ignore[attr-defined]
    notes = [note for version in versions for note in version.asked]  # type: ignore[attr-defined]
    context = {
        "paper": found,
        "engagement": found.engagement,
        "versions": versions,
        "newest": versions[0],
        "referred_from": queries.referred_from(found),
        "may_write": permits(policies.check_can_write_papers, request.user, found.engagement),
        "why_not_review": why_not(policies.check_can_review, request.user, found),
        "may_note": permits(policies.check_can_note, request.user, found),
        "may_answer": {
            note.pk for note in notes if permits(policies.check_can_answer, request.user, note)
        },
        "note_form": NoteForm(),
        "open_notes": len(policies.open_notes(found)),
        "history": queries.history(found, *versions),
    }
    return TemplateResponse(request, "audits/paper.html", context)


def _refused(request: StaffRequest, engagement: Any, back: Any) -> HttpResponse | None:
    try:
        policies.check_can_write_papers(request.user, engagement)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(back)
    return None


@require_http_methods(["GET", "POST"])
def paper_new(request: StaffRequest, uid: UUID) -> HttpResponse:
    engagement = load_engagement(request, uid)
    if (refused := _refused(request, engagement, engagement)) is not None:
        return refused
    initial = {"findings": request.GET.getlist("finding")}
    form = PaperForm(
        request.POST or None, request.FILES or None, engagement=engagement, initial=initial
    )
    if form.is_valid():
        try:
            begun = actions.begin_paper(engagement=engagement, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"Working paper {begun.index} is begun. It needs a review.")
            return redirect(begun)
    context = {"engagement": engagement, "form": form}
    return TemplateResponse(request, "audits/paper_form.html", context)


@require_http_methods(["GET", "POST"])
def paper_revise(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    if (refused := _refused(request, found.engagement, found)) is not None:
        return refused
    version = policies.newest_of(found)
    files = files_of(version)
    initial = initial_paper(version) | {"keep": [str(file.uid) for file, _ in files]}
    form = PaperForm(
        request.POST or None,
        request.FILES or None,
        engagement=found.engagement,
        version=version,
        files=files,
        initial=initial,
    )
    if form.is_valid():
        try:
            made = actions.revise_paper(paper=found, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"Version {made.number} is prepared. It needs a review.")
            return redirect(found)
    context = {"engagement": found.engagement, "paper": found, "form": form}
    return TemplateResponse(request, "audits/paper_form.html", context)


@require_POST
def paper_review(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        actions.review_paper(paper=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Working paper {found.index} is reviewed.")
    return redirect(found)


@require_POST
def paper_note(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        actions.note_on_paper(paper=found, note=request.POST.get("note", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The note is written; whoever prepared the paper is told.")
    return redirect(found)


@require_POST
def note_answer(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = ReviewNote.objects.filter(
        version__paper__in=WorkingPaper.objects.visible_to(request.user)
    )
    note = get_object_or_404(seen.select_related("version__paper"), uid=uid)
    try:
        actions.answer_note(note=note, words=request.POST.get("note", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The note is answered.")
    return redirect(note.version.paper)


@require_GET
def paper_file(request: StaffRequest, uid: UUID, file: UUID) -> FileResponse:
    """A file of a paper, always as a download."""
    found = load(request, uid)
    for version in found.versions.select_related("text").order_by("-number"):
        for stored, name in files_of(version):
            if stored.uid == file:
                return _download(stored, name)
    raise Http404


def _download(stored: Any, name: str) -> FileResponse:
    try:
        opened = default_storage.open(stored.stored_as)
    except FileNotFoundError:
        raise Http404("The file is missing from the store: tell the administrators.") from None
    return FileResponse(
        opened,
        as_attachment=True,
        filename=name or "paper",
        content_type=stored.content_type,
    )

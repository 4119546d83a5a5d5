"""A small world with one of everything, and people of every role in two ministries."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from tests.factories import (
    accounts,
    audits,
    documents,
    ledger,
    office,
    periods,
    publishing,
    receipts,
    reports,
    results,
    sampling,
    signing,
    uploads,
    valuation,
)
from tests.factories.money import ask as ask_for
from tests.factories.money import claim as claim_cost
from tests.factories.money import make_questioned
from tests.factories.programs import make_figure, make_objective, make_program
from tracker.accounts.actions import grant_role, invite_person, notify
from tracker.accounts.models import Role
from tracker.audits.actions import (
    claim_implementation,
    link_record,
    note_on_paper,
    put_star,
    respond,
    save_search,
)
from tracker.audits.models import Finding
from tracker.audits.policies import check_linkable
from tracker.publishing.actions import break_glass, release_engagement, release_finding

ROLES = ["officer", "approver", "auditor", "disclosure", "recipient", "administrator"]
PEOPLE = ["nobody", *ROLES, *(f"other-{role}" for role in ROLES)]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def _staff(ministry, recipient, prefix=""):
    """One person per role. The officer comes first: the factories draft in that person's name."""
    people = {
        f"{prefix}{role}": accounts.make_person(role, organisation=ministry)
        for role in ("officer", "approver", "disclosure")
    }
    people[f"{prefix}auditor"] = accounts.make_person(
        Role.AUDITOR, organisation=ministry, employer=accounts.make_organisation()
    )
    people[f"{prefix}recipient"] = accounts.make_person(Role.RECIPIENT, organisation=recipient)
    people[f"{prefix}administrator"] = accounts.administrators_of(ministry)[0]
    return people


def build_world() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the matrix names in angle brackets, and who asks. Everything belongs to the first ministry."""
    ministry, recipient = (
        accounts.make_organisation("Ministry"),
        accounts.make_organisation("Staff"),
    )
    other, other_recipient = accounts.make_organisation(), accounts.make_organisation()
    people = {"nobody": None} | _staff(ministry, recipient)
    people |= _staff(other, other_recipient, "other-")
    make_program(owner=other, recipient=other_recipient, by=people["other-officer"])
    program = make_program(owner=ministry, recipient=recipient, by=people["officer"])
    world = {"unknown": UNKNOWN, "program": program.uid}
    parts = (_people, _program_parts, _money, _signing, _received, _periods)
    parts += (_audit, _heard, _publishing)
    for part in parts:
        world |= part(program, people)
    return world, people


def _people(program, people):
    ministry = program.owner
    first, second = accounts.administrators_of(ministry)
    newcomer = accounts.make_person(organisation=ministry)
    proposed = grant_role(person=newcomer, role=Role.APPROVER, organisation=ministry, by=second)
    held = accounts.give_role(newcomer, Role.OFFICER, organisation=ministry)
    invitation, _ = invite_person(
        email="invited@example.org", name="Invited", organisation=ministry, by=first
    )
    notice = notify(person=people["officer"], sentence="Look at this.", path="/desk/")
    return {
        "person": newcomer.uid,
        "proposed": proposed.uid,
        "membership": held.uid,
        "invitation": invitation.uid,
        "notice": notice.uid,
    }


def _program_parts(program, people):
    indicator = results.make_indicator(program=program)
    return {
        "objective": make_objective(program=program).uid,
        "figure": make_figure(program=program).uid,
        "indicator": indicator.uid,
        "target": results.make_target(indicator).uid,
        "measurement": results.make_measurement(indicator).uid,
    }


def _money(program, people):
    commitment = ledger.make_commitment(program)
    staff = program.recipients[0]
    payment = ledger.make_disbursement(commitment, receiver=staff)
    draft = ledger.make_voucher(program)
    submitted = ledger.make_voucher_at("submitted", program)
    upload = uploads.make_upload(organisation=program.owner, by=people["officer"])
    authority = ledger.make_authority(program.owner)
    waived = documents.post_on_a_waiver(program)
    goods = valuation.make_goods(program)
    return {
        "posted": waived.uid,
        "waiver": documents.ask(ledger.make_voucher(program)).uid,
        "supplied": documents.supply(waived).uid,
        "goods": goods.uid,
        "revaluation": valuation.propose(goods, "400.00").uid,
        "authority": authority.uid,
        "change": ledger.propose(authority, "set", "9000.00").uid,
        "staff": staff.uid,
        "commitment": commitment.uid,
        "payment": payment.uid,
        "draft": draft.uid,
        "submitted": submitted.uid,
        "attachment": ledger.make_attachment(draft).uid,
        "upload": upload.uid,
    }


def _signing(program, people):
    """A limit and a delegation that wait for the second person; one approver suffices for everything else here."""
    ministry = program.owner
    second = accounts.administrators_of(ministry)[1]
    delegation = signing.propose_delegation(people["approver"], people["disclosure"], ministry)
    interest = signing.declare(people["officer"], payee="A relative")
    signing.propose_end(interest)
    return {
        "interest": interest.uid,
        "emergency": _emergency(program).uid,
        "ministry": ministry.uid,
        "limit": signing.propose_limit(ministry, by=second).uid,
        "delegation": delegation.uid,
    }


def _received(program, people):
    file = ledger.actions.NewFile(ContentFile(b"Signed."), "note.txt")
    short = receipts.state(receipts.make_dispatch(program=program), "short", "90.00", file=file)
    discrepancy = short.opened.get()
    receipts.explain(discrepancy, people["officer"], file=file)
    return {
        "dispatch": receipts.make_dispatch(program=program).uid,
        "receipt": short.transaction.uid,
        "statement": short.uid,
        "discrepancy": discrepancy.uid,
        "explanation": discrepancy.steps.get().uid,
    }


def _emergency(program):
    """Under a table of its own program kind: what needs two signatures was posted with one."""
    signing.set_limit(program.owner, "two", None, kind="pledge")
    signing.set_limit(program.owner, "one", None)
    pledge = ledger.make_voucher(program, "pledge")
    signing.set_limit(program.owner, "one", "1.00", kind="pledge")
    return signing.post_in_emergency(ledger.submit(pledge), signing.make_approver(program.owner))


def _periods(program, people):
    """A closed quarter that both sides certified, and the next one, whose closing waits."""
    closed = periods.close(program.owner, date(2023, 2, 1))
    periods.certify(program, closed, by=people["approver"])
    periods.certify(program, closed, "recipient", by=people["recipient"])
    closing = periods.propose_closing(program.owner, date(2023, 5, 1))
    return {"period": closed.uid, "open_period": closing.period.uid, "closing": closing.uid}


def _audit(program, people):
    engagement = audits.make_engagement(program, lead=people["auditor"])
    payment = ledger.make_disbursement(ledger.make_commitment(program))
    finding = audits.make_finding(payment, issued=False, engagement=engagement)
    link_record(
        finding=finding, record=check_linkable("program", program.uid), by=people["auditor"]
    )
    drafted = audits.draft_recommendation(finding)
    issued = audits.make_finding(payment, engagement=engagement, recommendations=1)
    recommendation = issued.recommendations.get()
    respond(recommendation=recommendation, response="concur", note="", by=people["officer"])
    claim_implementation(
        recommendation=recommendation, note="Done.", file=audits.proof(), by=people["officer"]
    )
    sample = sampling.make_sample(engagement)
    questioned = make_questioned(payment=payment, engagement=engagement)
    cost = claim_cost(questioned, "10.00", by=people["officer"])
    asked = ask_for(recommendation, by=people["officer"])
    return {
        "cost": cost.uid,
        "questioned": questioned.uid,
        "ask": asked.uid,
        "sample": sample.uid,
        "sampled": sampling.items(sample)[0].uid,
        "engagement": engagement.uid,
        "finding": finding.uid,
        "drafted": drafted.uid,
        "issued": issued.uid,
        "recommendation": recommendation.uid,
        "step": recommendation.steps.filter(evidence__isnull=False).get().uid,
        "linked": payment.uid,
        "plan": office.adopt(people["auditor"].organisation, 2024, engagement).uid,
        "member": people["auditor"].uid,
    }


def _heard(program, people):
    """An engagement whose draft was sent and commented on, with a working paper under review."""
    engagement = audits.make_engagement(program, lead=people["auditor"], comments=True)
    draft = audits.send_draft(engagement)
    comment = audits.comment(draft, by=people["officer"])
    paper = audits.make_paper(engagement, files=[audits.proof()])
    second = audits.join(engagement)
    note = note_on_paper(paper=paper, note="Which list?", by=second)
    return {
        "heard": engagement.uid,
        "draft_report": draft.uid,
        "comment": comment.uid,
        "paper": paper.uid,
        "paper_file": paper.versions.get().files.get().file.uid,
        "note": note.uid,
    }


def _audit_report(program, engagement, people):
    """Reviewed by another auditor of its team, and not yet public."""
    engagement.refresh_from_db()
    return reports.make_audit_report_at(
        "reviewed", program, engagement=engagement, by=people["auditor"]
    )


def _publishing(program, people):
    report = publishing.make_report(program)
    reviewing = publishing.make_report_at("in_review", program)
    published = publishing.make_report_at("published", program)
    image = reports.add_image(report)
    said = reports.comment(report, by=people["approver"])
    withholding = publishing.propose(program)
    decision = publishing.decide_not_published(
        make_program(owner=program.owner, by=people["officer"])
    )
    issued = Finding.objects.filter(status="issued", engagement__scope__program=program).earliest(
        "pk"
    )
    release_finding(finding=issued, by=people["auditor"])
    engagement, linked = issued.engagement, issued.links.get().transaction
    release_engagement(engagement=engagement, by=people["auditor"])
    publishing.withhold(program, "transaction", "payee", linked.uid)
    about = {"record_kind": "transaction", "record": linked.uid, "by": people["auditor"]}
    return {
        "office": engagement.office.uid,
        "glass": break_glass(reason="Two findings.", hours=4, **about).uid,
        "star": put_star(field="amount", note="Why so much?", **about).uid,
        "search": save_search(name="Mine", page="ledger", query="", by=people["auditor"]).uid,
        "report": report.uid,
        "picture": image.sha256,
        "section_comment": said.uid,
        "audit_report": _audit_report(program, engagement, people).uid,
        "reviewing": reviewing.uid,
        "published": published.uid,
        "withholding": withholding.uid,
        "decision": decision.uid,
        "undecided": make_program(owner=program.owner, by=people["officer"]).uid,
    }

"""The illustrative audit: an engagement in fieldwork, findings on exact payments, recommendations in several states."""

from datetime import timedelta

from django.core.files.base import ContentFile

from tracker.audits import actions
from tracker.audits.actions import (
    BetterUseLine,
    CostLine,
    FindingWords,
    NewFile,
    Particulars,
)
from tracker.audits.models import (
    BetterUseKind,
    ControlClass,
    CostKind,
    Engagement,
    EngagementKind,
    Finding,
    FindingKind,
    Recommendation,
    Response,
    Severity,
    Standard,
)
from tracker.audits.policies import Scope
from tracker.demo import illustrative_desk, illustrative_samples, illustrative_settling
from tracker.demo.illustrative_engagements import (
    open_fieldwork,
    plan_ahead,
    send_for_comment,
    support,
)
from tracker.demo.illustrative_money import Payments
from tracker.demo.people import Cast
from tracker.programs.models import Program
from tracker.publishing import actions as publishing
from tracker.publishing.models import Category
from tracker.shared.money import Money


def examine(cast: Cast, program: Program, payments: Payments) -> None:
    """Two issued and released findings, one draft; their recommendations answered, claimed, verified, refused."""
    engagement = actions.plan_engagement(
        office=cast.audit_office,
        number="2026-014",
        title="Receipts of the medical evacuation program (illustrative)",
        kind=EngagementKind.COMPLIANCE,
        standard=Standard.ISSAI,
        scope=[Scope(program=program)],
        lead=cast.auditor,
        objectives="Whether what was paid for arrived, and whether the papers prove it.",
        criteria="The agreement on the program, and the ministry's rules on receipts (illustrative).",
        by=cast.auditor,
    )
    open_fieldwork(cast, engagement)
    actions.waive_comments(
        engagement=engagement,
        reason="Each finding is reported as soon as it is made (illustrative).",
        by=cast.auditor,
    )
    publishing.release_engagement(engagement=engagement, by=cast.auditor)
    illustrative_samples.plan(engagement)
    receipts = _receipts(cast, engagement, payments)
    travel = _travel(cast, engagement, payments)
    _draft(cast, engagement, payments)
    support(cast, receipts, payments)
    for finding in (receipts, travel):
        publishing.release_finding(finding=finding, by=cast.auditor)
    _withhold(cast, program, travel)
    # From here on everything is public in the moment in which it happens: the office ordered so.
    _answer(cast, receipts, travel)
    illustrative_settling.settle(cast, receipts, travel, payments)
    illustrative_desk.keep(cast, engagement, payments)
    send_for_comment(cast, program, payments)
    plan_ahead(cast, program)


def _withhold(cast: Cast, program: Program, finding: Finding) -> None:
    """One field of the auditors' stream, withheld by two persons of the audited side; its states stay public."""
    proposed = publishing.propose_withholding(
        program=program,
        record_kind="finding",
        record=finding.uid,
        field="cause",
        category=Category.INVESTIGATION,
        legal_basis="Aid Act 2024, section 33 (illustrative)",
        reason="Who logged the invoice twice is being looked into.",
        review_on=program.owner.today() + timedelta(days=180),
        by=cast.disclosure,
    )
    publishing.decide_withholding(withholding=proposed, by=cast.second_disclosure)


def _receipts(cast: Cast, engagement: Engagement, payments: Payments) -> Finding:
    finding = actions.draft_finding(
        engagement=engagement,
        words=FindingWords(
            title="Vehicles paid for without proof of receipt (illustrative)",
            severity=Severity.HIGH,
            kind=FindingKind.NO_RECEIPT,
            control_class=ControlClass.MATERIAL,
            criteria="The agreement asks for a receipt signed by the recipient within 30 days of delivery.",
            condition="For the vehicles no signed receipt was on file when the auditors looked.",
            cause="Nobody at the ministry was named to collect the receipts.",
            effect="Nobody can say whether all vehicles arrived.",
        ),
        payments=[payments["vehicles"]],
        more=Particulars(
            lines=[
                CostLine(
                    CostKind.UNSUPPORTED,
                    Money.of("745000.00", "USD"),
                    payments["vehicles"],
                    Money.of("812000.00", "USD"),
                    "Estimated from the share of deliveries whose receipts were missing.",
                ),
                CostLine(CostKind.UNREASONABLE, Money.of("67000.00", "USD"), payments["vehicles"]),
            ],
            better_use=[
                BetterUseLine(
                    BetterUseKind.DEOBLIGATION,
                    Money.of("150000.00", "USD"),
                    "What is still committed for vehicles that nobody asked for.",
                )
            ],
            materiality=Money.of("25000.00", "USD"),
        ),
        by=cast.auditor,
    )
    for text in (
        "Obtain the signed receipts for all vehicles.",
        "Name a person who collects receipts, and check each quarter that they are complete.",
    ):
        _recommend(cast, finding, text, 120)
    return actions.issue_finding(finding=finding, by=cast.auditor)


def _travel(cast: Cast, engagement: Engagement, payments: Payments) -> Finding:
    finding = actions.draft_finding(
        engagement=engagement,
        words=FindingWords(
            title="An invoice was paid twice (illustrative)",
            severity=Severity.MEDIUM,
            kind=FindingKind.DUPLICATE,
            control_class=ControlClass.SIGNIFICANT,
            criteria="An invoice is paid once.",
            condition="The same travel invoice was paid on two days; the second payment was reversed later.",
            cause="The invoice came by post and by e-mail, and was logged twice.",
            effect="88,120.00 USD were out of the ministry's hands for two weeks.",
        ),
        payments=[payments["travel"], payments["double"]],
        more=Particulars(
            lines=[CostLine(CostKind.VIOLATION, Money.of("88120.00", "USD"), payments["double"])]
        ),
        by=cast.auditor,
    )
    _recommend(cast, finding, "Check the supplier's reference before a voucher is submitted.", 60)
    _recommend(cast, finding, "Bar payments by e-mail altogether.", 90)
    _recommend(cast, finding, "Replace the payment system, which cannot see duplicates.", 150)
    return actions.issue_finding(finding=finding, by=cast.auditor)


def _draft(cast: Cast, engagement: Engagement, payments: Payments) -> None:
    actions.draft_finding(
        engagement=engagement,
        words=FindingWords(
            title="Instructors' hours are not countersigned (illustrative)",
            severity=Severity.LOW,
            kind=FindingKind.UNSUPPORTED,
            criteria="Hours are countersigned by the unit that was trained.",
            condition="For the first half of 2025 the countersignatures are being collected.",
            cause_blank="Who keeps the lists is still being examined.",
            effect_blank="How many hours are affected is still being counted.",
        ),
        payments=[payments["instructors"]],
        by=cast.auditor,
    )


def _recommend(cast: Cast, finding: Finding, text: str, days: int) -> None:
    actions.draft_recommendation(
        finding=finding,
        text=text,
        owner=cast.ministry,
        due_on=cast.audit_office.today() + timedelta(days=days),
        by=cast.auditor,
    )


def _answer(cast: Cast, receipts: Finding, travel: Finding) -> None:
    """One waits for a response, one is claimed, one is closed on evidence, one is not agreed to."""
    claimed, _waiting = receipts.recommendations.order_by("number")
    verified, refused, accepted = travel.recommendations.order_by("number")
    _respond(cast, claimed, Response.CONCUR, "We are collecting the receipts.")
    _claim(cast, claimed, "Eleven of twelve receipts are on file; the twelfth is under way.")
    _respond(cast, verified, Response.CONCUR, "")
    _claim(cast, verified, "The form now refuses a reference that was used before.")
    actions.accept_implementation(
        recommendation=verified,
        note="Tried with three used references; each was refused.",
        file=NewFile(
            ContentFile(b"Illustrative note of the auditors' test.\n"),
            "test-note.txt",
            "text/plain",
        ),
        by=cast.auditor,
    )
    _respond(cast, refused, Response.NON_CONCUR, "Suppliers abroad can only send e-mail.")
    _respond(cast, accepted, Response.PARTIAL, "It is replaced, but not within this budget.")
    illustrative_settling.accept_risk(cast, accepted)


def _respond(cast: Cast, recommendation: Recommendation, response: str, note: str) -> None:
    actions.respond(recommendation=recommendation, response=response, note=note, by=cast.officer)


def _claim(cast: Cast, recommendation: Recommendation, note: str) -> None:
    actions.claim_implementation(recommendation=recommendation, note=note, by=cast.officer)

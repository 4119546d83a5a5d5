"""The illustrative audit office's years: earlier engagements, what became of them, and the plan of this year.

The findings of earlier years carry the dates of those years, so that ages and rates have something to say; the journal
says beside each that it was written when the demo was loaded. What the US Defense Department's Inspector General
states of its own open recommendations stands beside them, with its citation.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile

from tracker.accounts import actions as accounts
from tracker.accounts.models import Organisation
from tracker.audits import actions, queries
from tracker.audits.actions import Decision, FindingWords, NewFile, Particulars
from tracker.audits.models import (
    CostKind,
    CostOutcome,
    Engagement,
    EngagementKind,
    Finding,
    FindingKind,
    Recommendation,
    Response,
    Severity,
    Standard,
)
from tracker.audits.policies import CostLine, Scope
from tracker.audits.queries.office import BENEFITS, OLD_ONES, OPEN_ONES, REPORTS
from tracker.demo.illustrative_money import Desk, day, month_end
from tracker.demo.people import Cast
from tracker.ledger.models import Transaction, VoucherKind
from tracker.programs import actions as programs
from tracker.programs.models import KindOfAid, Nature, ParticipantRole, Program, ProgramStatus
from tracker.programs.queries import Participant
from tracker.publishing import actions as publishing
from tracker.shared.money import Money

CITED = Path("fixtures") / "demo" / "cited_figures.json"


@dataclass(frozen=True)
class Earlier:
    """A finding of so many years back, and what became of it. `questioned` and `disallowed` in whole USD."""

    back: int
    month: int
    title: str
    severity: str
    kind: str
    response: str
    ends: str = ""
    questioned: int | None = None
    disallowed: int | None = None  # None: management has not decided
    refunded: int = 0


K = FindingKind
EARLIER = (
    Earlier(5, 9, "Tents were bought without three offers", "medium", K.PROCUREMENT, "concur"),
    Earlier(
        *(4, 3, "Fuel was drawn without signed slips", "high", K.UNSUPPORTED, "concur"),
        *("implemented", 12500, 10000, 4000),
    ),
    Earlier(4, 5, "Stretchers are not numbered", "low", K.LATE_INVENTORY, "concur", "implemented"),
    Earlier(
        *(4, 8, "A generator stood unused", "medium", K.NOT_AS_INTENDED, "partial", "implemented"),
    ),
    Earlier(
        *(4, 10, "The store has one key holder", "high", K.SEGREGATION, "non_concur"),
        *("not implemented", 8000, 0),
    ),
    Earlier(2, 6, "Spare parts have no location", "medium", K.LATE_INVENTORY, "concur", "claimed"),
    Earlier(
        *(1, 4, "Medicine was counted late", "low", K.LATE_INVENTORY, "non_concur", "", 3200),
    ),
)
LOTS = ((6, 140000), (5, 230000), (4, 245000), (2, 172000))  # years back, USD


def play(cast: Cast, program: Program) -> None:
    """Earlier findings of an older program, a judgement, the plan, and what another office states."""
    older, payments = _older_program(cast)
    year = cast.audit_office.today().year
    engagements: dict[int, Engagement] = {}
    for told in EARLIER:
        if told.back not in engagements:
            engagements[told.back] = _engagement(cast, older, year - told.back)
        _found(cast, engagements[told.back], payments, year - told.back, told)
    actions.declare_independence(by=cast.auditor)  # for this year again
    for engagement in engagements.values():
        _finish(cast, engagement)
    actions.judge_risk(
        program=program,
        fiscal_year=year,
        percent=60,
        reason="Deliveries go through a port that was closed twice this year (illustrative).",
        by=cast.auditor,
    )
    _plan(cast, year)
    _cite(cast)


def _finish(cast: Cast, engagement: Engagement) -> None:
    """Its report is out: what its recommendations still wait for is followed up, and where nothing is, it is closed."""
    actions.issue_final(engagement=engagement, by=cast.auditor)
    if Recommendation.objects.open().filter(finding__engagement=engagement).exists():
        actions.begin_follow_up(engagement=engagement, by=cast.auditor)
    else:
        actions.close_engagement(engagement=engagement, by=cast.auditor)


@contextmanager
def _dated(on: date) -> Iterator[None]:
    """What an organisation calls today, while the demo plays a day of the past."""
    with mock.patch.object(Organisation, "today", return_value=on):
        yield


def _older_program(cast: Cast) -> tuple[Program, list[Transaction]]:
    year = cast.audit_office.today().year
    older = programs.create_program(
        owner=cast.ministry,
        identifier="ILLUSTRATIVE-HOSPITAL",
        title="Field hospital (illustrative)",
        summary="An invented, older program: what its audits found in earlier years is still being followed up.",
        kind_of_aid=KindOfAid.HEALTH,
        status=ProgramStatus.FINALISATION,
        nature=Nature.ILLUSTRATIVE,
        starts_on=day(year - 6, 1, 1),
        ends_on=month_end(year - 1, 12),
        participants=[
            Participant(cast.ministry, ParticipantRole.DONOR),
            Participant(cast.general_staff, ParticipantRole.RECIPIENT),
        ],
        by=cast.officer,
    )
    desk = Desk(cast, older, number=300)
    payments = [
        _paid(desk, f"{amount}.00", day(year - back, 2, 10), f"field hospital, lot {lot}")
        for lot, (back, amount) in enumerate(LOTS, start=1)
    ]
    return older, payments


def _paid(desk: Desk, amount: str, when: date, what: str) -> Transaction:
    promised = desk.commit(amount, when.replace(month=1), what)
    draft = desk.draft(VoucherKind.DISBURSEMENT, amount, when, what, draws_on=promised)
    return desk.post(draft)


def _engagement(cast: Cast, program: Program, year: int) -> Engagement:
    with _dated(day(year, 2, 20)):
        engagement = actions.plan_engagement(
            office=cast.audit_office,
            number=f"{year}-003",
            title=f"Field hospital, {year} (illustrative)",
            kind=EngagementKind.PERFORMANCE,
            standard=Standard.CIGIE,
            scope=[Scope(program, day(year - 6, 1, 1), month_end(year, 12))],
            lead=cast.auditor,
            objectives="Whether what was bought is there, and whether it is used.",
            by=cast.auditor,
        )
        actions.declare_independence(by=cast.auditor)
        actions.declare_independence(engagement=engagement, by=cast.auditor)
        actions.waive_comments(
            engagement=engagement,
            reason="Each finding was reported as soon as it was made (illustrative).",
            by=cast.auditor,
        )
        return actions.start_fieldwork(
            engagement=engagement,
            unannounced="A visit on the spot (illustrative).",
            by=cast.auditor,
        )


def _found(
    cast: Cast,
    engagement: Engagement,
    payments: list[Transaction],
    year: int,
    told: Earlier,
) -> None:
    payment = [p for p in payments if p.value_date and p.value_date.year <= year][-1]
    refund = _refund(cast, payment, told, day(year, told.month, 28)) if told.refunded else None
    with _dated(day(year, told.month, 12)):
        finding = _issue(cast, engagement, payment, told, day(year, told.month, 12))
        asked = finding.recommendations.get()
        actions.respond(
            recommendation=asked,
            response=told.response,
            note="" if told.response == Response.CONCUR else "Only where the unit has the staff.",
            by=cast.officer,
        )
    with _dated(day(year, told.month + 2, 1)):
        _decide(cast, finding, told)
        if refund is not None:
            _settle(cast, finding, refund)
        _end(cast, asked, told.ends)
    publishing.release_finding(finding=finding, by=cast.auditor)


def _issue(
    cast: Cast, engagement: Engagement, payment: Transaction, told: Earlier, on: date
) -> Finding:
    lines = [CostLine(CostKind.UNSUPPORTED, _usd(told.questioned))] if told.questioned else []
    finding = actions.draft_finding(
        engagement=engagement,
        words=FindingWords(
            title=f"{told.title} (illustrative)",
            severity=Severity(told.severity),
            kind=told.kind,
            criteria="The ministry's own instruction on stores (illustrative).",
            condition="On the day of the visit it was otherwise than the instruction says.",
            cause="Nobody was named who looks after it.",
            effect="What was bought cannot be accounted for in full.",
        ),
        payments=[payment],
        more=Particulars(lines=lines),
        by=cast.auditor,
    )
    actions.draft_recommendation(
        finding=finding,
        text=f"Put right, and keep right: {told.title.lower()}.",
        owner=cast.ministry,
        due_on=date(on.year + 1, on.month, 1),
        by=cast.auditor,
    )
    return actions.issue_finding(finding=finding, by=cast.auditor)


def _usd(whole: int) -> Money:
    return Money.of(whole, "USD")


def _decide(cast: Cast, finding: Finding, told: Earlier) -> None:
    if told.questioned is None or told.disallowed is None:
        return
    sustained = told.disallowed > 0
    decision = Decision(
        sustained=sustained,
        reasons="The slips are missing." if sustained else "The store's own list suffices.",
        action="What is disallowed is paid back." if sustained else "",
        allowed=_usd(told.questioned - told.disallowed),
        disallowed=_usd(told.disallowed),
    )
    actions.decide_finding(finding=finding, decision=decision, by=cast.approver)


def _refund(cast: Cast, payment: Transaction, told: Earlier, when: date) -> Transaction:
    desk = Desk(cast, payment.program, number=400)
    what = "refund of fuel without slips"
    draft = desk.draft(VoucherKind.REFUND, f"{told.refunded}.00", when, what, draws_on=payment)
    return desk.post(draft)


def _settle(cast: Cast, finding: Finding, refund: Transaction) -> None:
    assert refund.amount is not None
    claim = actions.claim_cost(
        finding=finding,
        outcome=CostOutcome.REFUNDED,
        amount=abs(refund.amount),
        payment=refund,
        by=cast.officer,
    )
    actions.accept_cost(claim=claim, by=cast.auditor)


def _end(cast: Cast, asked: Recommendation, ends: str) -> None:
    asked.refresh_from_db()
    if ends == "not implemented":
        actions.close_recommendation(
            recommendation=asked,
            state="closed_not_implemented",
            reason="The ministry accepts that one person holds the key.",
            by=cast.auditor,
        )
    if ends in ("implemented", "claimed"):
        actions.claim_implementation(
            recommendation=asked, note="It is done; the list is attached.", by=cast.officer
        )
    if ends == "implemented":
        asked.refresh_from_db()
        actions.accept_implementation(
            recommendation=asked,
            note="Seen on the spot.",
            file=NewFile(
                ContentFile(b"Illustrative note of a visit.\n"), "visit.txt", "text/plain"
            ),
            by=cast.auditor,
        )


def _plan(cast: Cast, year: int) -> None:
    """Two versions: what was planned first, and what the head changed."""
    mine = list(queries.engagements_to_plan(cast.audit_office).order_by("number"))
    actions.adopt_plan(
        office=cast.audit_office, fiscal_year=year, engagements=mine[-1:], by=cast.head
    )
    actions.adopt_plan(
        office=cast.audit_office,
        fiscal_year=year,
        engagements=mine,
        reason="What earlier audits found is followed up as well (illustrative).",
        by=cast.head,
    )


def _cite(cast: Cast) -> None:
    """Figures that another office states of its own recommendations: from the public record, with their source."""
    data: dict[str, Any] = json.loads((Path(settings.BASE_DIR) / CITED).read_text("utf-8"))
    said = data["organisation"]
    office = accounts.create_organisation(
        name=said["name"],
        short_name=said["short_name"],
        kind=said["type"],
        country=said["country"],
        by=cast.officer,
    )
    labels = {"open": OPEN_ONES, "old": OLD_ONES, "reports": REPORTS}
    for row in data["days"]:
        on = date.fromisoformat(row["as_of"])
        common: dict[str, Any] = {
            "organisation": office,
            "as_of": on,
            "citation": f"{data['source']}, as of {on.day} {on:%B %Y}",
            "grade": data["grade"],
            "by": cast.auditor,
        }
        for name, label in labels.items():
            if row[name] is not None:
                programs.record_stated_figure(
                    label=label, kind="quantity", quantity=Decimal(row[name]), **common
                )
        programs.record_stated_figure(
            label=BENEFITS, kind="money", amount=Money.of(row["benefits"], "USD"), **common
        )

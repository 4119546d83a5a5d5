"""Who reads the office's plan and reports, who judges a risk, and who adopts, sets and issues: its head."""

from collections.abc import Collection
from datetime import date

from tracker.accounts.models import Membership, Organisation, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.audits.models import COUNTED_FACTORS as COUNTED
from tracker.audits.models import Engagement, EngagementStatus, RiskFactor, RiskLevel
from tracker.programs.models import Nature, Program, ProgramQuerySet
from tracker.shared.errors import NotAllowed, Refused

FIRST_YEAR, LAST_YEAR = 1990, 2200


def is_head(user: User, office: Organisation) -> bool:
    return holds(user, Role.HEAD_OF_AUDIT, organisation=office)


def check_reads_office(user: User) -> Organisation:
    """The office that the person works for: an auditor's, or the head's. Answers which one."""
    office = user.organisation
    if office is None or not (holds(user, Role.AUDITOR) or is_head(user, office)):
        raise NotAllowed("The plan and the reports of an audit office are for its auditors.")
    return office


def check_is_head(user: User, office: Organisation, *, to: str) -> None:
    check_holds(user, Role.HEAD_OF_AUDIT, organisation=office, to=to)


def programs_of_office(office: Organisation) -> ProgramQuerySet:
    """Every program that somebody who works for the office audits. A documented case has no ledger to audit."""
    held = Membership.objects.in_force().filter(person__organisation=office, role=Role.AUDITOR)
    owned = Program.objects.filter(
        owner__in=held.filter(organisation__isnull=False).values("organisation")
    )
    single = Program.objects.filter(pk__in=held.filter(program__isnull=False).values("program"))
    return (owned | single).exclude(nature=Nature.DOCUMENTED)


def programs_in_sight(user: User, office: Organisation) -> ProgramQuerySet:
    """The head sees every program of the office, an auditor those that they audit."""
    if is_head(user, office):
        return programs_of_office(office)
    audited = Program.objects.held_as(user, Role.AUDITOR)
    return audited.exclude(nature=Nature.DOCUMENTED)


def check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused({"fiscal_year": f"A fiscal year lies between {FIRST_YEAR} and {LAST_YEAR}."})


def _check_from(valid_from: date, today: date) -> None:
    if valid_from < today:
        raise Refused(
            {"valid_from": "It counts from today or from a later day: what was adopted stays."}
        )


def check_can_set_weight(
    user: User,
    office: Organisation,
    factor: str,
    weight: int,
    full_at: int | None,
    valid_from: date,
) -> None:
    check_is_head(user, office, to="set what a risk weighs")
    if factor not in RiskFactor.values:
        raise Refused({"factor": "Choose one of the factors."})
    if not 0 <= weight <= 100:
        raise Refused({"weight": "A weight is between 0 and 100 points."})
    if (full_at is not None and full_at > 0) != (factor in COUNTED):
        raise Refused(
            {
                "full_at": "Say at which number the full weight counts, if the factor is counted; a share has none."
            }
        )
    _check_from(valid_from, office.today())


def check_can_set_rule(
    user: User,
    office: Organisation,
    level: str,
    from_points: int,
    every_years: int,
    percent: int,
    valid_from: date,
) -> None:
    check_is_head(user, office, to="set what is asked of the coverage")
    if level not in RiskLevel.values:
        raise Refused({"level": "Choose a level of risk."})
    if not 0 <= from_points <= 1000:
        raise Refused({"from_points": "A level begins between 0 and 1000 points."})
    if level == RiskLevel.LOW and from_points:
        raise Refused({"from_points": "The lowest level begins at 0 points: it holds the rest."})
    if not 1 <= every_years <= 10:
        raise Refused({"every_years": "Coverage is asked for every 1 to 10 years."})
    if not 1 <= percent <= 100:
        raise Refused({"percent": "The share of the money is between 1 and 100 per cent."})
    _check_from(valid_from, office.today())


def check_can_judge(user: User, program: Program, year: int, percent: int, reason: str) -> None:
    """An auditor of the program, with a reason."""
    check_holds(user, Role.AUDITOR, program=program, to="judge its risk")
    check_year(year)
    if not 0 <= percent <= 100:
        raise Refused({"percent": "Say how high the risk is, between 0 and 100."})
    if not reason.strip():
        raise Refused({"reason": "Say on what the judgement rests: the reason stays with it."})


def check_can_adopt(
    user: User,
    office: Organisation,
    year: int,
    engagements: Collection[Engagement],
    *,
    version: int,
    reason: str,
) -> None:
    """The head, with engagements of the office; a later version says why the plan changes."""
    check_is_head(user, office, to="adopt the audit plan")
    check_year(year)
    if version > 1 and not reason.strip():
        raise Refused({"reason": "Say why the plan changes: the version before it stays beside."})
    for engagement in engagements:
        if engagement.office_id != office.pk:
            raise Refused({"engagements": f"{engagement} is another office's engagement."})
        if engagement.status == EngagementStatus.TERMINATED:
            raise Refused(
                {"engagements": f"{engagement} was terminated: leave it out, or plan it anew."}
            )


def check_can_issue_report(user: User, office: Organisation, end: date) -> None:
    check_is_head(user, office, to="issue the semiannual report")
    if end >= office.today():
        raise Refused("The period has not ended: its report can be issued from the day after.")

"""What happens next with a program, and who must do it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from tracker.accounts.models import SIGNERS, Role, User
from tracker.audits.models import Recommendation, RecommendationState
from tracker.audits.queries.waiting import TO_ANSWER, TO_CARRY_OUT
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import say_day
from tracker.dashboards.queries.programs import ProgramPage
from tracker.ledger.models import Voucher, VoucherStatus
from tracker.ledger.queries import waiting_for as vouchers_waiting_for
from tracker.programs.models import Nature
from tracker.publishing.models import Report, ReportStatus

CLAIMED = RecommendationState.IMPLEMENTATION_CLAIMED


@dataclass(frozen=True)
class Step:
    """Something that has to happen now. `mine`: the reader can do it."""

    what: str
    who: str
    mine: bool
    href: str
    action: str
    since: str = ""
    follows: str = ""


def next_steps(page: ProgramPage, user: User) -> tuple[Step, ...]:
    """The reader's own steps first. Only the staff is told: vouchers are not for everybody."""
    if not page.as_staff:
        return ()
    steps = [
        *_vouchers(page, user),
        *_recommendations(page),
        *_reports(page),
        *_measurements(page),
        *_publication(page),
    ]
    return tuple(sorted(steps, key=lambda step: not step.mine))


def _who(page: ProgramPage, mine: bool, *roles: str) -> str:
    """To the reader their own role; else the people with the role by name, or that nobody holds it."""
    if mine:
        return " or ".join(Role(role).label for role in roles if role in page.roles)
    named = [person for person in page.people if person.role in roles]
    if named:
        return ", ".join(f"{person.said} ({person.label})" for person in named)
    return " or ".join(f"{Role(role).label} (nobody holds this role)" for role in roles)


def _several(number: int, one: str, many: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number} {many or one + 's'}"


def _since(moment: datetime | None) -> str:
    return f"since {say_day(moment)}" if moment else ""


def _vouchers(page: ProgramPage, user: User) -> list[Step]:
    rows = Voucher.objects.filter(program=page.program).order_by().values("status")
    found = {row["status"]: row for row in rows.annotate(n=Count("pk"), oldest=Min("changed_at"))}
    listed = f"{addresses.VOUCHERS}?program={page.program.uid}&status="
    steps = []
    if row := found.get(VoucherStatus.SUBMITTED):
        mine = vouchers_waiting_for(user).filter(program=page.program).exists()
        what = f"Approve or return {_several(row['n'], 'voucher')}."
        who, since = _who(page, mine, *SIGNERS), _since(row["oldest"])
        follows = "With the approval the money is posted, for ever."
        href = f"{listed}{VoucherStatus.SUBMITTED}"
        steps.append(Step(what, who, mine, href, "See what waits", since, follows))
    officer = Role.OFFICER in page.roles
    if row := found.get(VoucherStatus.RETURNED):
        what = f"Correct {_several(row['n'], 'returned voucher')} and submit again."
        who, since = _who(page, officer, Role.OFFICER), _since(row["oldest"])
        href = f"{listed}{VoucherStatus.RETURNED}"
        steps.append(Step(what, who, officer, href, "See the reasons", since))
    if not found and not page.transactions.total and page.program.nature != Nature.DOCUMENTED:
        new = f"{addresses.VOUCHERS}new/?program={page.program.uid}&kind=commitment"
        href = new if officer else ""
        what = "Record the first commitment: no money is recorded yet."
        who = _who(page, officer, Role.OFFICER)
        steps.append(Step(what, who, officer, href, "Draft a commitment"))
    return steps


def _recommendations(page: ProgramPage) -> list[Step]:
    """What the owners have to do, and what the auditors have to verify."""
    rows: list[Recommendation] = list(page.recommendations)
    owed = [row for row in rows if row.state in {*TO_ANSWER, *TO_CARRY_OUT, "open_unresolved"}]
    steps = []
    if owed:
        late = sum(row.due_on < page.day for row in owed)
        tail = f", {late} overdue" if late else ""
        owners = ", ".join(dict.fromkeys(row.owner.label for row in owed))
        what = f"Answer or carry out {_several(len(owed), 'recommendation')}{tail}."
        mine = Role.OFFICER in page.roles
        href = addresses.of_recommendation(owed[0].uid)
        follows = "Only the auditors close them, after verifying."
        steps.append(Step(what, owners, mine, href, "The most urgent one", "", follows))
    if claimed := [row for row in rows if row.state == CLAIMED]:
        offices = dict.fromkeys(row.finding.engagement.office.label for row in claimed)
        what = f"Verify {_several(len(claimed), 'recommendation')} said to be implemented."
        mine = Role.AUDITOR in page.roles
        href = addresses.of_recommendation(claimed[0].uid)
        steps.append(Step(what, ", ".join(offices), mine, href, "Look at the evidence"))
    return steps


def _reports(page: ProgramPage) -> list[Step]:
    rows: list[Report] = list(page.reports.rows)
    counted = Counter(row.status for row in rows)
    asked = (
        (ReportStatus.IN_REVIEW, "Review", (*SIGNERS, Role.DISCLOSURE)),
        (ReportStatus.REVIEWED, "Publish", (Role.DISCLOSURE,)),
        (ReportStatus.RETURNED, "Rewrite", (Role.OFFICER,)),
    )
    steps = []
    for status, verb, roles in asked:
        if not counted[status]:
            continue
        row = next(row for row in rows if row.status == status)
        what = f"{verb} {_several(counted[status], 'report')}."
        mine = bool(page.roles & set(roles))
        href, since = addresses.of_report(row.uid), _since(row.changed_at)
        steps.append(Step(what, _who(page, mine, *roles), mine, href, "Read the report", since))
    return steps


def _measurements(page: ProgramPage) -> list[Step]:
    bare = [row for row in page.standings if row.actual is None]
    if not bare:
        return []
    mine = Role.OFFICER in page.roles
    what = f"Measure {_several(len(bare), 'indicator')} without any value."
    href = addresses.of_indicator(bare[0].indicator.uid)
    return [Step(what, _who(page, mine, Role.OFFICER), mine, href, "Record a measurement")]


def _publication(page: ProgramPage) -> list[Step]:
    state = page.publication
    mine = Role.DISCLOSURE in page.roles and Role.OFFICER not in page.roles
    who, href = _who(page, mine, Role.DISCLOSURE), addresses.of_publishing(page.program.uid)
    if state.kept_back:
        if state.review_on is None or state.review_on >= page.day:
            return []
        what = "Look again at the decision to keep the program back: its review has passed."
        return [Step(what, who, mine, href, "Decide", f"since {say_day(state.review_on)}")]
    if state.release_number is None:
        what = "Publish the program, or say in public for which reason it is not."
        return [
            Step(what, who, mine, href, "Decide", follows="The public counts what is kept back.")
        ]
    if state.changes:
        facts = _several(state.changes, "fact")
        what = f"Publish again: {facts} recorded since release {state.release_number}."
        return [Step(what, who, mine, href, "See the differences", _since(state.released_at))]
    return []

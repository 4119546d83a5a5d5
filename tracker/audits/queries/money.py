"""The money of findings: what is questioned and why, what settled it, what management decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, User
from tracker.audits import policies
from tracker.audits.models import (
    BetterUse,
    CostEvent,
    CostKind,
    CostOutcome,
    CostStep,
    Finding,
    FindingQuerySet,
    ManagementDecision,
    QuestionedLine,
    RecommendationState,
)
from tracker.ledger.models import Transaction, TransactionKind, TransactionQuerySet
from tracker.programs.models import Program
from tracker.shared.money import Money

DEEPEST_CHAIN = 100


def better_use_total(finding: Finding) -> Money | None:
    """What could be put to better use in all; None where the finding states nothing of it."""
    total: Money | None = None
    for line in finding.better_use.order_by("position"):
        total = line.amount if total is None else total + line.amount
    return total


@dataclass(frozen=True)
class Waterfall:
    """A questioned cost on its way to zero, all in one currency. The four outcomes and `left` are `questioned`, always.

    `claimed` waits for the auditors and counts nowhere; `by_kind` divides `questioned` by why (a kind of "" was not
    stated), so that unsupported is a part of it and never added on top; `likely` is None where nothing was projected.
    """

    questioned: Money
    refunded: Money
    documented: Money
    justified: Money
    written_off: Money
    left: Money
    claimed: Money
    by_kind: dict[str, Money]
    likely: Money | None

    @property
    def unsupported(self) -> Money:
        """The part that no adequate document supports: a subset of what is questioned."""
        nothing = Money(0, self.questioned.currency)
        return self.by_kind.get(CostKind.UNSUPPORTED, nothing)

    @property
    def falls(self) -> list[dict[str, object]]:
        """What took something off, in the order of the outcomes; where each bar begins and how wide it is, in
        hundredths of the whole, for the chart."""
        drawn, top = [], self.questioned.minor
        for name in CostOutcome.values:
            value: Money = getattr(self, name)
            top -= value.minor
            place = {"x": self._share(top), "width": self._share(value.minor)}
            drawn.append({"label": CostOutcome(name).label, "value": value, **place})
        return drawn

    @property
    def left_share(self) -> str:
        """How wide what is left is drawn, in hundredths of the whole."""
        return self._share(self.left.minor)

    def _share(self, minor: int) -> str:
        hundredths = 10_000 * minor // (self.questioned.minor or 1)
        return f"{hundredths // 100}.{hundredths % 100:02}"


def waterfall(finding: Finding) -> Waterfall | None:
    """None where no cost is questioned. Two queries, none where lines and events were fetched before."""
    if finding.questioned is None:
        return None
    currency, events = finding.currency, list(finding.cost_events.all())
    settled = policies.standing(events)
    answered = {event.answers_id for event in events}
    claims = (e for e in events if e.step == CostStep.CLAIMED and e.pk not in answered)
    claimed = sum(event.amount.minor for event in claims)
    lines = list(finding.lines.all())
    return Waterfall(
        questioned=finding.questioned,
        **{name: Money(minor, currency) for name, minor in settled.items()},
        left=Money(finding.questioned.minor - sum(settled.values()), currency),
        claimed=Money(claimed, currency),
        by_kind=_by_kind(finding.questioned, lines),
        likely=_likely(lines, currency),
    )


def _by_kind(questioned: Money, lines: Iterable[QuestionedLine]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for line in lines:
        found[line.kind] = found.get(line.kind, Money(0, questioned.currency)) + line.known
    return found or {"": questioned}


def _likely(lines: Iterable[QuestionedLine], currency: str) -> Money | None:
    """With the known cost of lines that were not projected; None if none was."""
    rows = list(lines)
    if all(line.likely is None for line in rows):
        return None
    return Money(sum((line.likely or line.known).minor for line in rows), currency)


def with_money(findings: FindingQuerySet) -> FindingQuerySet:
    """Findings with all that `waterfall` and `decided` read, in four queries for any number of them."""
    current = ManagementDecision.objects.filter(revised_by=None).select_related("text")
    return findings.prefetch_related(
        Prefetch("lines", QuestionedLine.objects.order_by("position")),
        Prefetch("better_use", BetterUse.objects.order_by("position")),
        "cost_events",
        Prefetch("decisions", current, to_attr="current_decisions"),
    )


def decisions_of(finding: Finding) -> QuerySet[ManagementDecision]:
    """Every decision, the newest (which counts) first."""
    return finding.decisions.select_related("text", "decided_by").order_by("-pk")


def cost_events_of(finding: Finding) -> list[CostEvent]:
    """Every claim with what was answered, oldest first."""
    rows = finding.cost_events.select_related(
        *("text", "evidence", "taken_by", "answer__text", "answer__taken_by", "answer__answer"),
        *("transaction__text", "transaction__version__voucher", "answers"),
    )
    return list(rows.order_by("pk"))


def settling_payments(finding: Finding) -> TransactionQuerySet:
    """Refunds, reversals of payments and write-offs in force, of the finding's programs and in its currency."""
    programs = [program.pk for program in policies.programs_about(finding)]
    back = Q(kind=TransactionKind.REFUND, reverses=None, reversal=None)
    undone = Q(
        kind__in=[TransactionKind.DISBURSEMENT, TransactionKind.EXPENDITURE], reverses__isnull=False
    )
    gone = Q(kind=TransactionKind.WRITE_OFF, reverses=None, reversal=None)
    rows = Transaction.objects.filter(program__in=programs, currency=finding.currency)
    return rows.filter(back | undone | gone).for_table().order_by("-value_date", "-pk")


def chain_of(finding: Finding) -> list[Finding]:
    """The finding, the one it repeats, and so on to the first time that it was found."""
    found = [finding]
    while (earlier := found[-1].repeats_id) is not None and len(found) < DEEPEST_CHAIN:
        rows = Finding.objects.select_related("engagement__office")
        found.append(rows.get(pk=earlier))
    return found


def first_found(finding: Finding) -> tuple[Finding, int | None]:
    """Where the chain of repetitions began, and the fiscal year of that in its office's calendar; None before issue."""
    first = chain_of(finding)[-1]
    if first.issued_on is None:
        return first, None
    return first, first.engagement.office.calendar().period_of(first.issued_on).year


def final_action_on(finding: Finding) -> date | None:
    """When all that management concluded to be necessary was done (5 U.S.C. 405(a)(2)); None as long as it was not.

    With no recommendation and no action left, that is the day of the decision itself.
    """
    decision = policies.decision_in_force(finding)
    issued = finding.recommendations.exclude(state=RecommendationState.DRAFT)
    if decision is None or issued.open().exists():
        return None
    recovered = policies.standing(finding.cost_events.all())[CostOutcome.REFUNDED]
    if decision.disallowed is not None and recovered < decision.disallowed.minor:
        return None
    last = finding.cost_events.filter(step=CostStep.ACCEPTED).order_by("-taken_on").first()
    office = finding.engagement.office
    steps = issued.filter(steps__isnull=False).values_list("steps__taken_at", flat=True)
    closed = [
        moment.astimezone(office.zone()).date() for moment in steps.order_by("-steps__taken_at")[:1]
    ]
    return max([decision.decided_on, *closed, *([last.taken_on] if last else [])])


def to_decide(user: User) -> FindingQuerySet:
    """Issued findings without a decision, on programs for which the person signs: the most urgent first."""
    held = Membership.objects.in_force().filter(person_id=user.pk, role__in=SIGNERS)
    programs = Program.objects.filter(
        Q(pk__in=held.filter(program__isnull=False).values("program"))
        | Q(owner__in=held.filter(organisation__isnull=False).values("organisation"))
    ).values("pk")
    about = Q(links__transaction__program__in=programs) | Q(records__program__in=programs)
    rows = Finding.objects.issued().filter(about, decisions=None, decision_due_on__isnull=False)
    mine = rows.exclude(cost_events__taken_by=user.pk)
    mine = mine.exclude(recommendations__steps__taken_by=user.pk)
    return mine.distinct().for_table().order_by("decision_due_on", "pk")


def costs_to_judge(user: User) -> QuerySet[CostEvent]:
    """Claims on the person's engagements that nobody answered yet, the oldest first."""
    rows = CostEvent.objects.filter(
        step=CostStep.CLAIMED, answer=None, finding__engagement__team__person=user
    ).exclude(taken_by=user)
    return rows.select_related("finding__engagement__office").order_by("pk")

"""A record with its full history, before and after: for auditors in whose scope it lies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import Organisation, User
from tracker.audits.models import (
    Ask,
    AskAnswer,
    CommentReply,
    CorrectivePlan,
    CostEvent,
    DraftComment,
    DraftReport,
    Engagement,
    EngagementScope,
    Finding,
    ManagementDecision,
    Meeting,
    Recommendation,
    Sample,
    SampleDraw,
    SampleEvaluation,
    SampleResult,
    Star,
)
from tracker.dashboards import addresses
from tracker.dashboards.queries.receipts import SEEN, Seen, _own
from tracker.journal import queries as journal
from tracker.ledger.models import (
    Approval,
    Authority,
    Discrepancy,
    Return,
    Statement,
    Transaction,
    Voucher,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.publishing import queries as publishing
from tracker.publishing.models import BrokenGlass, Withholding
from tracker.results.models import Indicator, Measurement, Target

READ: dict[str, Seen] = SEEN | {
    "authority": _own(Authority),
    "discrepancy": _own(Discrepancy),
    "statement": _own(Statement),
}
ERASED = "(erased)"
# The kinds of record in the scope of an engagement, as `sources_of` gathers them.
IN_SCOPE = (
    *("engagement", "program", "voucher", "voucher_version", "approval", "voucher_return"),
    *("transaction", "statement", "discrepancy", "indicator", "measurement", "target"),
    *("finding", "recommendation", "cost_event", "management_decision", "corrective_plan"),
    *("ask", "ask_answer", "meeting", "draft_report", "draft_comment", "comment_reply"),
    *("sample", "sample_draw", "sample_result", "sample_evaluation"),
)
_PAGES = {
    "program": addresses.of_program,
    "transaction": addresses.of_transaction,
    "indicator": addresses.of_indicator,
    "finding": addresses.of_finding,
    "recommendation": addresses.of_recommendation,
    "withholding": addresses.of_withholding,
    "report": addresses.of_report,
    "upload": addresses.of_upload,
    "period": addresses.of_period,
    "revaluation": addresses.of_revaluation,
    "discrepancy": addresses.of_discrepancy,
    "authority": addresses.of_authority,
    "engagement": lambda uid: f"/desk/audits/{uid}/",
    "voucher": lambda uid: f"/desk/vouchers/{uid}/",
}


@dataclass(frozen=True)
class Change:
    """A field before and after one event. `sealed` says why neither is shown."""

    field: str
    before: str | None
    after: str | None
    sealed: Withholding | None = None
    stars: tuple[Star, ...] = ()

    @property
    def label(self) -> str:
        return self.field.replace("_", " ")


@dataclass(frozen=True)
class Step:
    """One event: who, when, and what it changed."""

    number: int
    op: str
    sentence: str
    at: datetime
    by: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class RecordPage:
    """`sealed` are the fields that are withheld from this person; `glass`, if they broke it and it stands."""

    record: UUID
    kind: str
    href: str
    steps: list[Step]
    sealed: dict[str, Withholding]
    glass: BrokenGlass | None
    stars: list[Star]
    fields: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.kind.replace("_", " ")

    @property
    def about(self) -> str:
        """What the record began as, above a history of several events: which one is this?"""
        return self.steps[-1].sentence if len(self.steps) > 1 else ""


def kind_seen(record: UUID, user: User) -> str | None:
    """The kind of the record, if it exists and the person sees it."""
    kind = journal.kinds_of([record]).get(record)
    return kind if kind in READ and READ[kind](user, record).exists() else None


def record_page(record: UUID, user: User) -> RecordPage | None:
    """The number of queries is fixed, however long the history is. None for what the person does not see."""
    kind = kind_seen(record, user)
    if kind is None:
        return None
    events = journal.history_of(record)
    sealed = publishing.sealed_of(user, kind, record)
    stars = list(stars_on([record], user))
    return RecordPage(
        record=record,
        kind=kind,
        href=_PAGES[kind](record) if kind in _PAGES else "",
        steps=_steps(kind, events, sealed, stars),
        sealed=sealed,
        glass=publishing.standing_glass(user, record) if sealed else None,
        stars=stars,
        fields=list(journal.fields_of(kind)),
    )


def _steps(
    kind: str,
    events: list[journal.Event],
    sealed: dict[str, Withholding],
    stars: list[Star],
) -> list[Step]:
    names = _names(events)
    starred: dict[str, tuple[Star, ...]] = {}
    for star in stars:
        starred[star.field] = (*starred.get(star.field, ()), star)
    steps = []
    for event, before in zip(events, [*events[1:], None], strict=True):
        changes = _changes(kind, event, before, sealed, names)
        marked = tuple(
            Change(c.field, c.before, c.after, c.sealed, starred.get(c.field, ())) for c in changes
        )
        sentence = _unsealed(event, sealed)
        steps.append(Step(event.number, event.op, sentence, event.at, _by(event, names), marked))
    return steps


def _unsealed(event: journal.Event, sealed: Iterable[str]) -> str:
    """The event in a sentence; without one where the sentence might say what is sealed."""
    if not set(sealed):
        return event.sentence
    op = "recorded" if event.op == "create" else event.op.replace("_", " ")
    return f"{event.kind.replace('_', ' ').capitalize()}: {op}."


def _by(event: journal.Event, names: dict[str, str]) -> str:
    return names.get(str(event.actor), "somebody no longer named") if event.actor else "the system"


def _changes(
    kind: str,
    event: journal.Event,
    before: journal.Event | None,
    sealed: dict[str, Withholding],
    names: dict[str, str],
) -> list[Change]:
    """The fields that read differently than in the entry before; of the first entry all that it states."""
    found = []
    for name in journal.fields_of(kind):
        new = _said(event, name, names)
        old = _said(before, name, names) if before is not None else None
        if new == old:
            continue
        if name in sealed:
            found.append(Change(name, None, None, sealed[name]))
        else:
            found.append(Change(name, old, new))
    return found


def _said(event: journal.Event, name: str, names: dict[str, str]) -> str | None:
    if name not in event.values:
        return ERASED
    return told(event.values[name], names)


def told(value: Any, names: dict[str, str]) -> str | None:
    """A value of an entry as a person reads it; None where it was not stated."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(told(item, names) or "not stated" for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{k}: {told(v, names) or 'not stated'}" for k, v in value.items())
    return names.get(str(value), str(value))


def _names(events: Iterable[journal.Event]) -> dict[str, str]:
    """What people call the persons, organisations and programs that the entries name. Three queries."""
    uids: set[UUID] = {event.actor for event in events if event.actor}
    for event in events:
        for value in event.values.values():
            _gather(value, uids)
    found: dict[str, str] = {}
    for model, name in ((User, "name"), (Organisation, "name"), (Program, "title")):
        rows = model._default_manager.filter(uid__in=uids).values_list("uid", name)
        found |= {str(uid): said for uid, said in rows}
    return found


def _gather(value: Any, uids: set[UUID]) -> None:
    if isinstance(value, list):
        for item in value:
            _gather(item, uids)
    elif isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
        try:
            uids.add(UUID(value))
        except ValueError:
            return


# --- Stars -----------------------------------------------------------------


def stars_on(records: Iterable[UUID], user: User) -> QuerySet[Star]:
    rows = Star.objects.standing().visible_to(user).filter(record__in=list(records))
    return rows.select_related("person", "engagement").order_by("-pk")


@dataclass(frozen=True)
class Starred:
    """A star, and whether what it marks still reads as it did."""

    star: Star
    changed: bool


def stars_of(user: User, limit: int = 100) -> list[Starred]:
    """One's own and one's teams', the newest first, each compared with the journal. Three queries."""
    rows = Star.objects.standing().visible_to(user).select_related("person", "engagement")
    stars = list(rows.order_by("-pk")[:limit])
    then = journal.values_at({star.at_entry for star in stars})
    now = journal.newest_values({star.record for star in stars})
    return [Starred(star, _moved(star, then, now)) for star in stars]


def _moved(star: Star, then: dict[int, dict], now: dict[UUID, tuple[int, dict]]) -> bool:
    was = then.get(star.at_entry, {}).get(star.field)
    return now.get(star.record, (0, {}))[1].get(star.field) != was


# --- Everything in an engagement's scope ---------------------------------------


def sources_of(engagement: Engagement) -> list[QuerySet[Any]]:
    """The identifiers of every record in scope: programs, money and its papers, results, findings."""
    programs = EngagementScope.objects.filter(engagement=engagement).values("program")
    in_scope = Q(program__in=programs)
    findings = Finding.objects.filter(engagement=engagement)
    return [
        rows.values("uid")
        for rows in (
            Engagement.objects.filter(pk=engagement.pk),
            Program.objects.filter(pk__in=programs),
            Voucher.objects.filter(in_scope),
            VoucherVersion.objects.filter(voucher__program__in=programs),
            Approval.objects.filter(version__voucher__program__in=programs),
            Return.objects.filter(version__voucher__program__in=programs),
            Transaction.objects.filter(in_scope),
            Statement.objects.filter(about__program__in=programs),
            Discrepancy.objects.filter(about__program__in=programs),
            Indicator.objects.filter(in_scope),
            Measurement.objects.filter(indicator__program__in=programs),
            Target.objects.filter(indicator__program__in=programs),
            findings,
            *_work_of(engagement),
        )
    ]


def _work_of(engagement: Engagement) -> list[QuerySet[Any]]:
    """What follows from findings, what was said to each other, and samples. Working papers are the team's own."""
    return [
        Recommendation.objects.filter(finding__engagement=engagement),
        CostEvent.objects.filter(finding__engagement=engagement),
        ManagementDecision.objects.filter(finding__engagement=engagement),
        CorrectivePlan.objects.filter(recommendation__finding__engagement=engagement),
        Ask.objects.filter(recommendation__finding__engagement=engagement),
        AskAnswer.objects.filter(ask__recommendation__finding__engagement=engagement),
        Meeting.objects.filter(engagement=engagement),
        DraftReport.objects.filter(engagement=engagement),
        DraftComment.objects.filter(draft__engagement=engagement),
        CommentReply.objects.filter(comment__draft__engagement=engagement),
        Sample.objects.filter(engagement=engagement),
        SampleDraw.objects.filter(sample__engagement=engagement),
        SampleResult.objects.filter(item__draw__sample__engagement=engagement),
        SampleEvaluation.objects.filter(sample__engagement=engagement),
    ]


def events_in(engagement: Engagement, user: User) -> QuerySet[Any]:
    """Every entry about a record in scope, with `actor_name`, and `sealed`: something of it is withheld from the person."""
    people = User.objects.filter(uid=OuterRef("actor")).values("name")[:1]
    return journal.events_of(sources_of(engagement)).annotate(
        actor_name=Subquery(people), sealed=publishing.is_sealed(user, "record")
    )


def sentence_of(entry: Any) -> str:
    """What an entry of `events_in` says, as far as this person may read it."""
    event = journal.read(entry)
    return _unsealed(event, ["sealed"] if entry.sealed else [])


def engagements_of(user: User) -> list[Engagement]:
    """On whose team the person is, the newest first."""
    mine = Engagement.objects.filter(team__person=user).select_related("office")
    return list(mine.order_by("-pk")[:50])

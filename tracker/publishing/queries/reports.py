"""Reports: who may act on one, what it says, and the figures of its period."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from tracker.accounts.models import SIGNERS, Role, User
from tracker.ledger.models import RevaluationLine, Transaction
from tracker.ledger.queries import halves, whole
from tracker.publishing.models import (
    Report,
    ReportImage,
    ReportKind,
    SectionComment,
    Shown,
    Verdict,
)
from tracker.publishing.queries.people import auditors_of, people_holding
from tracker.shared.errors import Refused
from tracker.shared.money import Money


def reviewers_of(report: Report) -> list[User]:
    """Who may review a report: approvers and disclosure officers who did not write in it. Of an audit report: the
    other auditors of its office."""
    return _without_a_hand(report, *SIGNERS, Role.DISCLOSURE)


def publishers_of(report: Report) -> list[User]:
    """Who may publish a report: disclosure officers who did not write in it. Of an audit report: the other auditors of
    its office."""
    return _without_a_hand(report, Role.DISCLOSURE)


def _without_a_hand(report: Report, *roles: str) -> list[User]:
    hands = report.hands()
    engagement = report.engagement
    found = auditors_of(engagement) if engagement else people_holding(report.program, *roles)
    return [person for person in found if person.pk not in hands]


class Section(NamedTuple):
    """A section as its author wrote it, with what it shows."""

    heading: str
    body: str = ""
    shows: str = Shown.NOTHING
    description: str = ""
    image: ReportImage | None = None
    image_description: str = ""

    @property
    def says_something(self) -> bool:
        """A section that says and shows nothing is not published."""
        return bool(self.body.strip() or self.shows or self.image)

    @property
    def as_hashed(self) -> list[Any]:
        """What digests are made from. A section of words alone has the digest that it always had."""
        more = [self.shows, self.description, self.image and self.image.sha256]
        more.append(self.image_description)
        return [self.heading, self.body, *(more if any(more) else [])]

    @property
    def digest(self) -> str:
        """What a comment on it binds to."""
        return _sha256(self.as_hashed)


def written_sections(report: Report) -> list[Section]:
    rows = report.sections.select_related("image").order_by("position", "pk")
    return [
        Section(s.heading, s.body, s.shows, s.description, s.image, s.image_description)
        for s in rows
    ]


def sections_of(report: Report) -> list[tuple[str, str]]:
    """Heading and words of each section."""
    return [(section.heading, section.body) for section in written_sections(report)]


def content_hash(report: Report) -> str:
    """What a review binds to, and what an edit must have seen: title, period and all of every section."""
    body: dict[str, Any] = {
        "title": report.title,
        "period": [report.period_start.isoformat(), report.period_end.isoformat()],
        "sections": [section.as_hashed for section in written_sections(report)],
    }
    if report.kind == ReportKind.AUDIT and report.engagement:
        body["engagement"] = str(report.engagement.uid)
    return _sha256(body)


def comments_of(report: Report) -> list[SectionComment]:
    """What was said of its sections, the oldest first; `about_older_text` marks what is said of words that changed."""
    standing = {(section.heading, section.digest) for section in written_sections(report)}
    found = report.comments.select_related("written_by", "settled__settled_by").order_by("pk")
    comments = list(found)
    for comment in comments:
        comment.about_older_text = (comment.heading, comment.section_digest) not in standing  # type: ignore[attr-defined]
    return comments


def check_is_what_was_accepted(report: Report) -> None:
    """What is published is word for word what a reviewer accepted."""
    review = report.reviews.filter(verdict=Verdict.ACCEPTED).order_by("-pk").first()
    if review is None or review.content_hash != content_hash(report):
        raise Refused(
            "The report is not what its reviewer accepted: return it, then review it again."
        )


def _sha256(body: Any) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class PeriodFigure:
    """What the ledger says of a report's period, for one kind of transaction in one currency."""

    kind: str
    opening: Money
    period: Money
    closing: Money
    rows: int


def period_figures(report: Report) -> list[PeriodFigure]:
    """The figures that a report would get now, before anything is withheld: as the rows count now. Two queries."""
    rows = Transaction.objects.filter(program=report.program, value_date__lte=report.period_end)
    rows = rows.order_by()
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    posted: Any = rows.filter(amount__isnull=False).values("kind", "currency")
    minor = F("amount") - Coalesce(F("excess"), 0)
    for row in posted.annotate(**_by_period(report, minor, "value_date")):
        _add(sums[row["kind"], row["currency"]], row)
    lines = RevaluationLine.objects.filter(transaction__in=rows.values("pk")).order_by()
    moved: Any = lines.values("currency", kind=F("transaction__kind"))
    for row in moved.annotate(**_by_period(report, F("delta"), "transaction__value_date")):
        _add(sums[row["kind"], row["currency"]], row | {"rows": row["firsts"]})
    return [_figure(kind, currency, *sums[kind, currency]) for kind, currency in sorted(sums)]


def _by_period(report: Report, minor: Any, day: str) -> dict[str, Any]:
    before = Q(**{f"{day}__lt": report.period_start})
    during = Q(**{f"{day}__range": (report.period_start, report.period_end)})
    found = halves(minor, "opening", before) | halves(minor, "period", during)
    if day == "value_date":
        return found | {"rows": Count("pk", filter=during)}
    return found | {"firsts": Count("pk", filter=during & Q(was__isnull=True))}


def _add(sums: list[int], row: dict[str, Any]) -> None:
    sums[0] += whole(row, "opening")
    sums[1] += whole(row, "period")
    sums[2] += row["rows"]


def _figure(kind: str, currency: str, before: int, during: int, rows: int) -> PeriodFigure:
    opening, period = Money(before, currency), Money(during, currency)
    return PeriodFigure(kind, opening, period, opening + period, rows)

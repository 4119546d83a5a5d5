"""What waits of publishing: reports to write, review and publish; withholding to decide and to review."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from tracker.accounts.models import SIGNERS, Role, User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import (
    Group,
    Item,
    days_since,
    due_on,
    group_of,
    say_day,
    short,
    waited,
)
from tracker.programs.models import Program
from tracker.publishing.models import (
    BrokenGlass,
    DifferenceExplained,
    NotPublished,
    Preparation,
    PublishedProgram,
    Release,
    Report,
    ReportEdit,
    ReportStatus,
    Stream,
    Withholding,
)


def wrote(user: User) -> Exists:
    return Exists(ReportEdit.objects.filter(report=OuterRef("pk"), person=user))


def _reports(title: str, rows: QuerySet[Report], verb: str, follows: str, day: date) -> Group:
    def say(report: Report) -> Item:
        days = days_since(report.changed_at, day)
        why = f"{report.program.title} · {report.get_status_display()} since {say_day(report.changed_at)} · {follows}"
        where = addresses.of_report(report.uid)
        return Item(f"{verb} “{report.title}”", where, why, *waited(days), days)

    listed = rows.select_related("program").order_by("changed_at", "pk")
    return group_of(title, listed, say, addresses.REPORTS)


def to_write(user: User, day: date) -> Group:
    """Drafts and returned reports in which the officer wrote."""
    programs = Program.objects.held_as(user, Role.OFFICER).values("pk")
    open_ones = [ReportStatus.DRAFT, ReportStatus.RETURNED]
    rows = Report.objects.filter(wrote(user), program__in=programs, status__in=open_ones)
    follows = "then somebody who did not write in it reviews it"
    return _reports("Reports to write", rows, "Finish", follows, day)


def to_review(user: User, day: date) -> Group:
    programs = Program.objects.held_as(user, *SIGNERS, Role.DISCLOSURE).values("pk")
    rows = Report.objects.filter(~wrote(user), program__in=programs, status=ReportStatus.IN_REVIEW)
    follows = "accept it, or return it with a reason"
    return _reports("Reports to review", rows, "Review", follows, day)


def to_publish(user: User, day: date) -> Group:
    prepared = Preparation.objects.waiting().filter(report=OuterRef("pk"))
    rows = Report.objects.filter(
        ~Exists(prepared),
        ~wrote(user),
        program__in=_publishes(user).values("pk"),
        status=ReportStatus.REVIEWED,
    )
    follows = "prepare its release, which freezes it with the program's figures"
    return _reports("Reports to publish", rows, "Publish", follows, day)


def to_release(user: User, day: date) -> Group:
    """What others prepared and explained: one prepares, another releases."""

    def say(row: Preparation) -> Item:
        days = days_since(row.prepared_at, day)
        why = f"prepared by {row.prepared_by} on {say_day(row.prepared_at)} · read its sheet, then release it"
        where = addresses.of_preparation(row.uid)
        return Item(f"Release {row.program.title}", where, why, *waited(days), days)

    explained = DifferenceExplained.objects.filter(preparation=OuterRef("pk"), explained_by=user)
    written = ReportEdit.objects.filter(report=OuterRef("report"), person=user)
    rows = Preparation.objects.waiting().filter(
        ~Exists(explained), ~Exists(written), program__in=_publishes(user).values("pk")
    )
    rows = rows.exclude(prepared_by=user).select_related("program", "prepared_by")
    return group_of("Releases to release", rows.order_by("pk"), say, addresses.PUBLISHING)


def _publishes(user: User) -> QuerySet[Program]:
    """Programs of which the person is the disclosure officer and not an officer: who writes does not publish."""
    writes = Program.objects.held_as(user, Role.OFFICER).values("pk")
    return Program.objects.held_as(user, Role.DISCLOSURE).exclude(pk__in=writes)


def to_decide_publication(user: User, day: date) -> Group:
    """Programs that are neither public nor decided to be kept back."""

    def say(program: Program) -> Item:
        days = days_since(program.created_at, day)
        why = "neither public nor decided · publish it, or say in public for which reason it is not"
        where = addresses.of_publishing(program.uid)
        return Item(f"Decide on publishing {program.title}", where, why, *waited(days), days)

    public = PublishedProgram.objects.filter(uid=OuterRef("uid"))
    kept_back = NotPublished.objects.in_force().filter(program=OuterRef("pk"))
    prepared = Preparation.objects.waiting().filter(program=OuterRef("pk"))
    later = Release.objects.filter(stream=Stream.PROGRAM, subject=OuterRef("uid"))
    under_way = Exists(prepared) | Exists(later.filter(public_from__gt=Now()))
    rows = _publishes(user).filter(~Exists(public), ~Exists(kept_back), ~under_way)
    rows = rows.order_by("created_at", "pk")
    return group_of("Programs nobody has decided on", rows, say, addresses.PUBLISHING)


def _withholding(row: Withholding, verb: str, why: str, mark: tuple[str, str], days: int) -> Item:
    what = f"{verb}: withhold “{row.field.replace('_', ' ')}” of a {row.record_kind}"
    return Item(
        what, addresses.of_withholding(row.uid), f"{row.program.title} · {why}", *mark, days
    )


def to_decide_withholding(user: User, day: date) -> Group:
    """Proposals of others: two disclosure officers withhold, one alone cannot."""

    def say(row: Withholding) -> Item:
        days = days_since(row.proposed_at, day)
        why = (
            f"proposed by {row.proposed_by} on {say_day(row.proposed_at)} for {row.get_category_display()}: "
            f"“{short(row.reason)}” · the public reads the reason"
        )
        return _withholding(row, "Decide", why, waited(days), days)

    programs = Program.objects.held_as(user, Role.DISCLOSURE).values("pk")
    rows = Withholding.objects.waiting().filter(program__in=programs).exclude(proposed_by=user)
    rows = rows.for_table().order_by("proposed_at", "pk")
    return group_of("Withholding to decide", rows, say, addresses.WITHHOLDINGS)


def to_review_withholding(user: User, day: date) -> Group:
    """In force past their review, and last looked at by somebody else. They stop the next release."""

    def say(row: Withholding) -> Item:
        why = f"in force for {row.get_category_display()} · stops the next release until somebody looks at it"
        return _withholding(row, "Review", why, due_on(row.review_on, day), 0)

    programs = Program.objects.held_as(user, Role.DISCLOSURE).values("pk")
    mine = Q(reviewed_by=user) | Q(reviewed_by=None, decided_by=user)
    rows = Withholding.objects.overdue(day).filter(~mine, program__in=programs)
    rows = rows.for_table().order_by("review_on", "pk")
    return group_of("Withholding past its review", rows, say, addresses.WITHHOLDINGS)


def to_note_glass(user: User, day: date) -> Group:
    """Auditors opened what is withheld: the owner's side takes note."""

    def say(row: BrokenGlass) -> Item:
        days = days_since(row.broken_at, day)
        why = f"{row.program.title} · by {row.broken_by} for {row.hours} hours: “{short(row.text.reason)}” · it needs no permission"
        what = f"Take note: withheld values of a {row.record_kind} were opened"
        return Item(what, addresses.BROKEN_GLASS, why, *waited(days), days)

    programs = Program.objects.held_as(user, Role.DISCLOSURE).values("pk")
    rows = BrokenGlass.objects.filter(program__in=programs, noted=None).exclude(broken_by=user)
    rows = rows.select_related("program", "broken_by", "text").order_by("pk")
    return group_of("Broken glass to take note of", rows, say, addresses.BROKEN_GLASS)


def to_review_not_published(user: User, day: date) -> Group:
    def say(row: NotPublished) -> Item:
        why = f"kept back for {row.get_category_display()}: “{short(row.reason)}” · publish it or decide anew"
        where = addresses.of_publishing(row.program.uid)
        return Item(f"Look again at {row.program.title}", where, why, *due_on(row.review_on, day))

    programs = Program.objects.held_as(user, Role.DISCLOSURE).values("pk")
    rows = NotPublished.objects.in_force().filter(program__in=programs, review_on__lt=day)
    rows = rows.select_related("program").order_by("review_on", "pk")
    return group_of("Programs kept back past their review", rows, say, addresses.PUBLISHING)

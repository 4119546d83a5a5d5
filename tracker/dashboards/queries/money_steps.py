"""What waits of money: vouchers to approve, to correct, to finish; batches to carry on."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import Role, User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import (
    Group,
    Item,
    days_since,
    due_on,
    group_of,
    say_amount,
    say_day,
    short,
    waited,
)
from tracker.ledger.models import (
    Approval,
    AuthorityChange,
    Delegation,
    EmergencyPosting,
    InterestEnd,
    Return,
    SigningLimit,
    Voucher,
    VoucherEdit,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.ledger.queries import (
    changes_waiting_for,
    delegations_waiting_for,
    emergencies_overdue,
    emergencies_to_review,
    interest_ends_waiting_for,
    limits_waiting_for,
)
from tracker.ledger.queries import waiting_for as vouchers_waiting_for
from tracker.programs.models import Program

NEWEST = VoucherVersion.objects.filter(voucher=OuterRef("pk")).order_by("-number")
SIGNED = Approval.objects.filter(version__voucher=OuterRef("pk"), version__returns=None)
LAST_RETURN = Return.objects.filter(version__voucher=OuterRef("pk")).order_by("-pk")


def asked(rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """With who submitted the newest version and when, the longest waiting first."""
    return (
        rows.select_related("program", "organisation", "upload")
        .annotate(
            asked_at=Subquery(NEWEST.values("submitted_at")[:1]),
            asked_by=Subquery(NEWEST.values("submitted_by__name")[:1]),
        )
        .order_by("asked_at", "pk")
    )


def had_a_hand(user: User) -> Q:
    """The person's own vouchers: created or edited by them."""
    edits = VoucherEdit.objects.filter(voucher=OuterRef("pk"), person=user)
    return Q(created_by=user) | Q(Exists(edits))


def name_of(voucher: Voucher) -> str:
    if voucher.kind == VoucherKind.BATCH:
        return f"batch {voucher.number}"
    return f"{voucher.get_kind_display()} {voucher.number}: {say_amount(voucher.amount)}"


def about(voucher: Voucher) -> str:
    return voucher.program.title if voucher.program else voucher.organisation.label


# --- The approver's --------------------------------------------------------


def to_approve(user: User, day: date) -> Group:
    """Submitted vouchers and batches in which the person had no hand."""

    def say(voucher: Voucher) -> Item:
        days = days_since(voucher.asked_at, day)  # type: ignore[attr-defined]
        asker, when = voucher.asked_by, say_day(voucher.asked_at)  # type: ignore[attr-defined]
        signed = voucher.signed  # type: ignore[attr-defined]
        follows = (
            "once approved, its rows are posted"
            if voucher.kind == VoucherKind.BATCH
            else "once approved, it is posted for ever"
        )
        if signed:
            follows = "one signature is there, yours is the next"
        why = f"{about(voucher)} · submitted by {asker} on {when} · {follows}"
        where = addresses.of_voucher(voucher)
        return Item(f"Approve or return {name_of(voucher)}", where, why, *waited(days), days)

    rows = asked(vouchers_waiting_for(user)).annotate(signed=Exists(SIGNED))
    return group_of("To approve", rows, say, f"{addresses.VOUCHERS}?who=approval")


def to_confirm_changes(user: User, day: date) -> Group:
    """Ceilings and dates of authorities that somebody else proposed."""

    def say(change: AuthorityChange) -> Item:
        days = days_since(change.proposed_at, day)
        year = f" of FY{change.fiscal_year}" if change.fiscal_year else ""
        amount = f": {say_amount(change.amount)}" if change.fiscal_year else ""
        asker, when = change.proposed_by.name, say_day(change.proposed_at)
        why = (
            f"{change.authority.title} · proposed by {asker} on {when} · once confirmed, it counts"
        )
        what = f"Confirm or decline: {change.get_kind_display()}{year}{amount}"
        return Item(what, addresses.of_authority(change.authority.uid), why, *waited(days), days)

    rows = changes_waiting_for(user)
    return group_of("Ceilings to confirm", rows, say, f"{addresses.AUTHORITIES}?state=waiting")


def to_confirm_delegations(user: User, day: date) -> Group:
    """Approving that somebody wants to hand to somebody else: a third person confirms it."""

    def say(row: Delegation) -> Item:
        days = days_since(row.proposed_at, day)
        span = f"{say_day(row.valid_from)} to {say_day(row.valid_until)}"
        why = f"{row.organisation.label} · {span} · once confirmed, {row.delegate} signs for {row.delegator}"
        what = f"Confirm or decline: {row.delegator} hands over to {row.delegate}"
        return Item(what, addresses.of_delegation(row.uid), why, *waited(days), days)

    rows = delegations_waiting_for(user, day)
    return group_of("Delegations to confirm", rows, say, f"{addresses.DELEGATIONS}?state=open")


def to_confirm_interest_ends(user: User, day: date) -> Group:
    """Interests that somebody says are over."""

    def say(row: InterestEnd) -> Item:
        days = days_since(row.proposed_at, day)
        why = f"“{short(row.text.reason)}” · until you confirm it, the interest blocks"
        what = f"Confirm or decline: an interest of {row.declaration.person} is over"
        where = addresses.of_interest(row.declaration.uid)
        return Item(what, where, why, *waited(days), days)

    rows = interest_ends_waiting_for(user)
    return group_of("Interests to end", rows, say, f"{addresses.INTERESTS}?state=ending")


def _emergencies(title: str, verb: str, rows: QuerySet[EmergencyPosting], day: date) -> Group:
    def say(row: EmergencyPosting) -> Item:
        days = days_since(row.posted_at, day)
        why = f"“{short(row.text.reason)}” · posted by {row.posted_by} on {say_day(row.posted_at)}"
        what = f"{verb} of voucher {row.version.voucher.number}: {say_amount(row.version.amount)}"
        where = addresses.of_emergency(row.uid)
        return Item(what, where, why, *due_on(row.review_due_on, day), days)

    return group_of(title, rows, say, f"{addresses.EMERGENCIES}?state=waiting")


def to_review_emergencies(user: User, day: date) -> Group:
    """Postings for which one signature stood for two; somebody else says whether that was right."""
    rows = emergencies_to_review(user)
    return _emergencies("Emergency postings to review", "Review the emergency posting", rows, day)


def overdue_emergencies(user: User, day: date) -> Group:
    """For auditors: reviews that nobody did in time."""
    rows = emergencies_overdue(user, day)
    return _emergencies("Overdue reviews of emergencies", "Overdue review", rows, day)


# --- The administrator's ---------------------------------------------------


def to_confirm_limits(user: User, day: date) -> Group:
    """Limits of the delegation of authority that another administrator proposed."""

    def say(row: SigningLimit) -> Item:
        days = days_since(row.proposed_at, day)
        up_to = "without an upper limit" if row.up_to is None else f"up to {say_amount(row.up_to)}"
        asker, when = row.proposed_by.name, say_day(row.proposed_at)
        why = (
            f"{row.organisation.label} · proposed by {asker} on {when} · once confirmed, it counts"
        )
        what = f"Confirm or decline: {row.get_level_display()} {up_to}"
        where = addresses.of_signing(row.organisation.uid)
        return Item(what, where, why, *waited(days), days)

    return group_of("Limits to confirm", limits_waiting_for(user), say, addresses.SIGNING)


# --- The officer's ---------------------------------------------------------


def _of_officer(user: User, *statuses: str) -> QuerySet[Voucher]:
    """Vouchers of the person's programs in which they had a hand, or whose author has left."""
    programs = Program.objects.held_as(user, Role.OFFICER).values("pk")
    mine = had_a_hand(user) | Q(created_by__is_active=False, program__in=programs)
    seen = Voucher.objects.visible_to(user).filter(mine, status__in=statuses)
    return seen.select_related("program", "organisation", "upload").order_by("changed_at", "pk")


def to_correct(user: User, day: date) -> Group:
    def say(voucher: Voucher) -> Item:
        days = days_since(voucher.back_at, day)  # type: ignore[attr-defined]
        by, when = voucher.back_by, say_day(voucher.back_at)  # type: ignore[attr-defined]
        reason = short(voucher.back_why or "")  # type: ignore[attr-defined]
        why = f"{about(voucher)} · returned by {by} on {when}: “{reason}” · then submit it again"
        where = addresses.of_voucher(voucher)
        return Item(f"Correct {name_of(voucher)}", where, why, *waited(days), days)

    rows = _of_officer(user, VoucherStatus.RETURNED).annotate(
        back_at=Subquery(LAST_RETURN.values("returned_at")[:1]),
        back_by=Subquery(LAST_RETURN.values("returned_by__name")[:1]),
        back_why=Subquery(LAST_RETURN.values("text__reason")[:1]),
    )
    rows = rows.order_by("back_at", "pk")
    return group_of("Returned to you", rows, say, f"{addresses.VOUCHERS}?status=returned")


def to_submit(user: User, day: date) -> Group:
    def say(voucher: Voucher) -> Item:
        days = days_since(voucher.changed_at, day)
        why = f"{about(voucher)} · a draft, last changed on {say_day(voucher.changed_at)}"
        why += " · once submitted, an approver decides"
        where = addresses.of_voucher(voucher)
        return Item(f"Complete and submit {name_of(voucher)}", where, why, *waited(days), days)

    rows = _of_officer(user, VoucherStatus.DRAFT)
    return group_of("Your drafts", rows, say, f"{addresses.VOUCHERS}?status=draft")

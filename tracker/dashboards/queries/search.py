"""Search everywhere, in what the person may see, by kind. Whatever is typed is only ever compared."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

from tracker.accounts.models import User
from tracker.accounts.queries import people_administered_by
from tracker.audits.models import Finding
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import first_of, say_amount, say_day, short
from tracker.ledger.models import Transaction, Voucher
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.publishing.models import Report, ReportStatus
from tracker.shared.dates import say_date
from tracker.shared.sealing import Notice, Veil, veil_for

CAP = 6
LONGEST = 100
MOST_WORDS = 8
LARGEST_KEY = 2**63 - 1
NOTHING_SEALED = Veil()


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    label: str
    href: str
    about: str


@dataclass(frozen=True)
class Hits:
    """What was found of one kind; `href` is the list of all."""

    title: str
    hits: tuple[Hit, ...]
    total: int
    href: str

    @property
    def more(self) -> int:
        return self.total - len(self.hits)


def cleaned(asked: str) -> str:
    """What can be looked for: no control characters (PostgreSQL refuses NUL), not endless, not endless words."""
    text = "".join(c if c.isprintable() else " " for c in asked)[:LONGEST]
    return " ".join(text.split()[:MOST_WORDS])


def search(words: str, user: User) -> list[Hits]:
    """Everything visible in which the words occur, by kind; kinds without a hit are left out."""
    if not words:
        return []
    veil = veil_for(user)
    sealable = (partial(_transactions, veil=veil), partial(_vouchers, veil=veil))
    parts: list[Callable[[str, User], Hits]]
    parts = [_programs, *sealable, _findings, _reports, _people]
    return [found for part in parts if (found := part(words, user)).hits]


def sealed_of_search(user: User) -> Notice | None:
    """What the page says of payments that the person sees and of which something is sealed."""
    veil = veil_for(user)
    return veil.notice(veil.among(Transaction.objects.visible_to(user)))


def _hits(
    title: str, rows: QuerySet[Any], say: Callable[[Any], Hit], href: str, words: str
) -> Hits:
    listed, total = first_of(rows, CAP)
    query = f"{'&' if '?' in href else '?'}{urlencode({'q': words})}"
    return Hits(title, tuple(say(row) for row in listed), total, f"{href}{query}")


def _by_identifier(words: str) -> Q:
    """A pasted identifier finds its record."""
    try:
        return Q(uid=UUID(words))
    except ValueError:
        return Q(pk__in=[])


def _any_of(words: str, *columns: str, veil: Veil = NOTHING_SEALED) -> Q:
    """Every word occurs in one of the columns; one that is sealed of a row is not compared with it."""
    found = Q()
    for word in words.split():
        one = Q()
        for column in columns:
            occurs, field = Q(**{f"{column}__icontains": word}), column.removeprefix("text__")
            one |= occurs & veil.open(field) if veil.holds(field) else occurs
        found &= one
    return found


def _programs(words: str, user: User) -> Hits:
    def say(row: Program) -> Hit:
        about = f"{row.identifier} · {row.owner.label} · {row.get_status_display()}"
        return Hit(row.title, addresses.of_program(row.uid), about)

    seen = Program.objects.visible_to(user)
    rows = seen.filter(Q(pk__in=seen.matching(words).values("pk")) | _by_identifier(words))
    rows = rows.select_related("owner").order_by("title", "pk")
    return _hits("Programs", rows, say, addresses.PROGRAMS, words)


def _transactions(words: str, user: User, *, veil: Veil) -> Hits:
    def say(row: Transaction) -> Hit:
        day = say_date(row.value_date, row.date_precision, row.fiscal_year)
        name = row.text.reference or row.text.payee or "without reference"
        kind = row.get_kind_display().capitalize()
        taken_back = ", reversed" if getattr(row, "reversal", None) else ""
        label = f"{kind} {name}: {say_amount(row.amount)}"
        about = f"{row.program.title} · {day}{taken_back} · entry {row.entry_id}"
        return Hit(label, addresses.of_transaction(row.uid), about)

    columns = ("text__reference", "text__payee", "text__description")
    asked = _any_of(words, *columns, veil=veil) | _by_identifier(words) | _by_entry(words)
    rows = Transaction.objects.visible_to(user).filter(asked)
    order = ("-pk",) if veil.holds("value_date") else ("-value_date", "-pk")
    rows = veil.over(rows.select_related("program", "text", "reversal").order_by(*order))
    return _hits("Transactions", rows, say, addresses.LEDGER, words)


def _by_entry(words: str) -> Q:
    """The number of a journal entry, as it stands beside the check at the end of a row."""
    digits = words.removeprefix("entry ")
    if digits.isascii() and digits.isdigit() and int(digits) <= LARGEST_KEY:
        return Q(entry=int(digits))
    return Q(pk__in=[])


def _vouchers(words: str, user: User, *, veil: Veil) -> Hits:
    def say(row: Voucher) -> Hit:
        label = f"Voucher {row.number}: {say_amount(row.amount)}"
        about = row.program.title if row.program else row.organisation.label
        return Hit(label, addresses.of_voucher(row), f"{about} · {row.get_status_display()}")

    columns = ("number", "payee", "reference", "description")
    asked = _any_of(words, *columns, veil=veil) | _by_identifier(words)
    rows = Voucher.objects.visible_to(user).filter(asked).order_by("-changed_at", "-pk")
    rows = veil.over(rows.select_related("program", "organisation", "upload"))
    return _hits("Vouchers", rows, say, addresses.VOUCHERS, words)


def _findings(words: str, user: User) -> Hits:
    def say(row: Finding) -> Hit:
        issued = f"issued {say_day(row.issued_on)}" if row.issued_on else row.get_status_display()
        about = f"{row.engagement.office.label} · {row.get_severity_display()} · {issued}"
        return Hit(f"Finding {row.label}: {short(row.title)}", addresses.of_finding(row.uid), about)

    columns = ("title", "condition", "engagement__number", "engagement__title")
    asked = _any_of(words, *columns) | _by_identifier(words)
    rows = Finding.objects.visible_to(user).filter(asked)
    rows = rows.for_table().order_by("-issued_on", "-pk")
    return _hits("Findings", rows, say, addresses.FINDINGS, words)


def _reports(words: str, user: User) -> Hits:
    """Published ones; others only to the staff of their program."""

    def say(row: Report) -> Hit:
        period = f"{say_day(row.period_start)} to {say_day(row.period_end)}"
        about = f"{row.program.title} · {period} · {row.get_status_display()}"
        return Hit(row.title, addresses.of_report(row.uid), about)

    staffed = Program.objects.held_as(user, *SEES_AS_STAFF).values("pk")
    asked = _any_of(words, "title", "program__title") | _by_identifier(words)
    may = Q(program__in=staffed) | Q(status=ReportStatus.PUBLISHED)
    rows = Report.objects.visible_to(user).filter(asked, may)
    rows = rows.select_related("program").order_by("-period_end", "-pk")
    return _hits("Reports", rows, say, addresses.REPORTS, words)


def _people(words: str, user: User) -> Hits:
    """For administrators, as far as they administer."""

    def say(row: User) -> Hit:
        about = f"{row.email} · {row.organisation or 'no organisation'}"
        return Hit(row.name, addresses.of_person(row.uid), about)

    rows = people_administered_by(user).filter(_any_of(words, "name", "email"))
    rows = rows.select_related("organisation").order_by("name", "pk")
    return _hits("People", rows, say, addresses.PEOPLE, words)

"""Certifications: who signs, who has signed, and how what both signed differs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import SIGNERS, MembershipStatus, Role, User
from tracker.ledger import policies
from tracker.ledger.models import (
    Certification,
    CertificationQuerySet,
    CertificationSide,
    Period,
    PeriodDecision,
    PeriodQuerySet,
    Purpose,
    Transaction,
)
from tracker.ledger.queries.figures import COUNTS, LABELS, Figures
from tracker.programs.models import ParticipantRole, Participation, Program
from tracker.shared.money import Money

# --- Who signs -------------------------------------------------------------


def signers_of(program: Program, side: str) -> QuerySet[User]:
    """Everybody who may sign for the side of a program."""
    over = Q(memberships__program=program)
    if side == CertificationSide.DONOR:
        over |= Q(memberships__organisation=program.owner_id)
    else:
        recipients = program.participations.filter(role=ParticipantRole.RECIPIENT)
        over |= Q(memberships__organisation__in=recipients.values("organisation"))
    return _active(over, *(SIGNERS if side == CertificationSide.DONOR else [Role.RECIPIENT]))


def certifiers_of(period: Period) -> QuerySet[User]:
    """Everybody who may sign for one of the programs that moved money in the period."""
    programs = programs_in(period).values("pk")
    recipients = Participation.objects.filter(
        program__in=programs, role=ParticipantRole.RECIPIENT
    ).values("organisation")
    donors = Q(memberships__organisation=period.organisation_id)
    donors |= Q(memberships__program__in=programs)
    others = Q(memberships__organisation__in=recipients) | Q(memberships__program__in=programs)
    approvers = _active(donors, *SIGNERS).values("pk")
    representatives = _active(others, Role.RECIPIENT).values("pk")
    people = User.objects.filter(Q(pk__in=approvers) | Q(pk__in=representatives))
    return people.order_by("name", "pk")


def _active(over: Q, *roles: str) -> QuerySet[User]:
    held = Q(memberships__role__in=roles, memberships__status=MembershipStatus.ACTIVE)
    return User.objects.filter(over & held, is_active=True).distinct().order_by("name", "pk")


def programs_in(period: Period) -> QuerySet[Program]:
    """The programs with a row that is booked in the period, or that belongs to it and was booked later."""
    rows = Transaction.objects.all().filter(program=OuterRef("pk"))
    booked = rows.booked(period.first_day, period.last_day)
    later = rows.filter(
        value_date__range=(period.first_day, period.last_day), booked_on__isnull=False
    )
    mine = Program.objects.filter(owner=period.organisation_id)
    return mine.filter(Exists(booked) | Exists(later)).order_by("title", "pk")


def certifications_waiting_for(user: User) -> PeriodQuerySet:
    """Closed periods with a program of them that waits for this person's signature: `program_uid`, `program_title`,
    and `closed_at`.

    As an approver of the donor, or as the recipient's representative; not where they signed for the other side.
    """
    donor = Program.objects.held_as(user, *SIGNERS).values("pk")
    recipient = policies.programs_represented_by(user).values("pk")
    mine = Q(organisation__programs__in=donor) | Q(organisation__programs__in=recipient)
    rows = Period.objects.filter(mine, closed=True).with_closing().select_related("organisation")
    rows = rows.annotate(
        program_key=F("organisation__programs"),
        program_uid=F("organisation__programs__uid"),
        program_title=F("organisation__programs__title"),
        closed_at=Subquery(
            PeriodDecision.objects.filter(pk=OuterRef("closing")).values("decided_at")
        ),
    )
    moved = Transaction.objects.all().filter(program=OuterRef("program_key"))
    signed = Certification.objects.filter(
        program=OuterRef("program_key"), closing=OuterRef("closing")
    )
    unsigned = Q(~Exists(signed.filter(side=CertificationSide.DONOR)), program_key__in=donor)
    unsigned |= Q(
        ~Exists(signed.filter(side=CertificationSide.RECIPIENT)), program_key__in=recipient
    )
    return rows.filter(
        unsigned,
        Exists(moved.booked(OuterRef("first_day"), OuterRef("last_day"))),
        ~Exists(signed.filter(signed_by=user)),
    ).order_by("last_day", "program_title", "pk")


# --- What was signed -------------------------------------------------------


def certifications_of(program: Program, period: Period) -> CertificationQuerySet:
    """All that was ever signed of the program in the period, the newest first, with `superseded_at`."""
    rows = Certification.objects.filter(program=program, period=period).with_superseded()
    return rows.select_related("organisation", "signed_by", "text").order_by("-pk")


def standing_by_side(program: Program, period: Period) -> dict[str, Certification]:
    """What holds now, by side."""
    return {one.side: one for one in certifications_of(program, period) if not one.superseded_at}


def standing_by_program(period: Period) -> dict[int, list[Certification]]:
    """What holds now, by program."""
    found: dict[int, list[Certification]] = {}
    rows = Certification.objects.filter(period=period).standing()
    for one in rows.select_related("organisation").order_by("side", "pk"):
        found.setdefault(one.program_id, []).append(one)
    return found


# --- Figures beside each other ---------------------------------------------

Lines = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Compared:
    """One figure under the head of each column: as of now, and as each side certified it."""

    label: str
    meaning: str
    values: list[tuple[str, Any]]
    differs: bool


@dataclass(frozen=True)
class ComparedLine:
    label: str
    rows: list[Compared]

    @property
    def differs(self) -> bool:
        return any(row.differs for row in self.rows)


def lines_now(figures: Figures) -> Lines:
    return {(line.purpose, line.currency): line.values for line in figures.lines}


def lines_certified(certification: Certification) -> Lines:
    """The figures that a certification keeps, amounts as Money."""
    return {
        (line["purpose"], line["currency"]): {
            name: Money.of(value, line["currency"])
            if name in LABELS and value is not None
            else value
            for name, value in line.items()
        }
        for line in json.loads(certification.figures)["lines"]
    }


def compare(columns: Mapping[str, Lines]) -> list[ComparedLine]:
    """The lines of all columns, which have their heads as keys, beside each other."""
    keys = sorted({key for lines in columns.values() for key in lines})
    return [
        ComparedLine(_label(*key), [_compared(name, key, columns) for name in (*LABELS, *COUNTS)])
        for key in keys
    ]


def _compared(name: str, key: tuple[str, str], columns: Mapping[str, Lines]) -> Compared:
    """What is the same in all columns does not differ."""
    label, meaning = (LABELS | COUNTS)[name]
    values = [(head, lines.get(key, {}).get(name)) for head, lines in columns.items()]
    return Compared(label, meaning, values, any(value != values[0][1] for _, value in values))


def _label(purpose: str, currency: str) -> str:
    said = currency or "Without a value"
    return said if purpose == Purpose.AID else f"{said}, {Purpose(purpose).label} (not aid)"

"""An organisation's own page: the line of what it gives and of what it receives."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from tracker.accounts.models import Organisation, User
from tracker.dashboards import addresses
from tracker.dashboards.queries.money import Line, ProgramRow, lines_of, program_rows
from tracker.ledger.queries import MoneyLine, replenishment_of
from tracker.programs.models import Nature, ParticipantRole, Participation, Program

PROGRAMS = 12
WITH_LINE = (ParticipantRole.RECIPIENT, ParticipantRole.DONOR)


@dataclass(frozen=True)
class Part:
    """What an organisation is in programs of one nature: their line, and the first of them with their money."""

    role: str
    label: str
    nature: str
    lines: tuple[Line, ...]
    replenishment: tuple[MoneyLine, ...]  # outside every total of aid
    rows: tuple[ProgramRow, ...]
    programs: int

    @property
    def name(self) -> str:
        return f"{self.role}-{self.nature}"

    @property
    def more(self) -> int:
        return max(self.programs - PROGRAMS, 0)


@dataclass(frozen=True)
class OrganisationPage:
    """Everything that the page shows."""

    organisation: Organisation
    parts: tuple[Part, ...]
    has_statement: bool

    @property
    def statement(self) -> str:
        return f"{addresses.ACCOUNTS}{self.organisation.uid}/"


def organisations_seen(user: User) -> QuerySet[Organisation]:
    """Those that take part in a program that the person sees."""
    rows = Participation.objects.filter(program__in=Program.objects.visible_to(user).values("pk"))
    return Organisation.objects.filter(Exists(rows.filter(organisation=OuterRef("pk"))))


def organisation_page(
    organisation: Organisation, user: User, *, has_statement: bool
) -> OrganisationPage:
    """Read the page. The number of queries depends on the roles and natures, not on how much there is of each."""
    rows = Participation.objects.filter(organisation=organisation)
    rows = rows.filter(program__in=Program.objects.visible_to(user).values("pk")).order_by()
    found = set(rows.values_list("role", "program__nature"))
    parts = tuple(
        _part(organisation, user, role, nature)
        for role in ParticipantRole
        for nature in Nature
        if (role.value, nature.value) in found
    )
    return OrganisationPage(organisation, parts, has_statement)


def _part(organisation: Organisation, user: User, role: ParticipantRole, nature: Nature) -> Part:
    takes_part = Participation.objects.filter(
        program=OuterRef("pk"), organisation=organisation, role=role
    )
    programs = Program.objects.visible_to(user).filter(Exists(takes_part), nature=nature)
    drawn = role in WITH_LINE and nature != Nature.DOCUMENTED
    only = f"{role.value}={organisation.uid}&nature={nature.value}"
    first = Program.objects.filter(
        pk__in=list(programs.order_by("title", "pk").values_list("pk", flat=True)[:PROGRAMS])
    )
    return Part(
        role=role.value,
        label=role.label,
        nature=nature.value,
        lines=lines_of(programs, only) if drawn else (),
        replenishment=tuple(replenishment_of(programs)) if drawn else (),
        rows=tuple(program_rows(first)),
        programs=programs.count(),
    )

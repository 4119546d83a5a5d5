"""Programs: who gives what to whom, why, and what the public record says about it."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Now

from tracker.accounts.models import SIGNERS, MembershipStatus, Organisation, Role, User
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, PublicId
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.numbers import ScaledField

if TYPE_CHECKING:
    from decimal import Decimal

    from django.contrib.auth.models import AnonymousUser

    from tracker.shared.money import Money


class KindOfAid(models.TextChoices):
    EQUIPMENT = "equipment", "equipment"
    TRAINING = "training", "training"
    EXERCISE = "joint_exercise", "joint exercise"
    PEACEKEEPING = "peacekeeping_support", "peacekeeping support"
    CAPACITY = "capacity_building", "capacity building"
    INFRASTRUCTURE = "infrastructure", "infrastructure"
    HUMANITARIAN = "humanitarian", "humanitarian and disaster relief"
    COUNTER_TERRORISM = "counter_terrorism", "counter-terrorism"
    CYBER = "cyber", "cyber"
    HEALTH = "health", "health"
    CLIMATE = "climate_resilience", "climate resilience"


class ProgramStatus(models.TextChoices):
    """IATI codelist ActivityStatus."""

    PIPELINE = "1", "in preparation"
    IMPLEMENTATION = "2", "under way"
    FINALISATION = "3", "being completed"
    CLOSED = "4", "closed"
    CANCELLED = "5", "cancelled"
    SUSPENDED = "6", "suspended"


class Nature(models.TextChoices):
    """Where a program's figures come from. The three are never added up together."""

    OPERATIONAL = "operational", "kept here"
    DOCUMENTED = "documented", "documented from the public record"
    ILLUSTRATIVE = "illustrative", "illustrative"


class ParticipantRole(models.TextChoices):
    """What an organisation does in a program. IATI knows funding, accountable, extending and implementing."""

    DONOR = "donor", "donor"
    RECIPIENT = "recipient", "recipient"
    IMPLEMENTING = "implementing", "implementing"
    ACCOUNTABLE = "accountable", "accountable"
    PARTNER = "partner", "partner"


SEES_AS_STAFF = [Role.OFFICER, *SIGNERS, Role.AUDITOR, Role.DISCLOSURE]


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs that a person's roles reach: as staff or auditor of its owner, as its recipient, or by program."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.memberships.filter(status=MembershipStatus.ACTIVE)
        staff = held.filter(role__in=SEES_AS_STAFF)
        representative = held.filter(role=Role.RECIPIENT)
        receiving = Participation.objects.filter(
            role=ParticipantRole.RECIPIENT,
            organisation__in=representative.values("organisation"),
        )
        return self.filter(
            Q(owner__in=staff.filter(organisation__isnull=False).values("organisation"))
            | Q(pk__in=held.filter(program__isnull=False).values("program"))
            | Q(pk__in=receiving.values("program"))
        )

    def held_as(self, user: "User | AnonymousUser", *roles: str) -> "ProgramQuerySet":
        """Programs over which a person holds one of the roles."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=roles)
        return self.filter(
            Q(owner__in=held.filter(organisation__isnull=False).values("organisation"))
            | Q(pk__in=held.filter(program__isnull=False).values("program"))
        )

    def matching(self, words: str) -> "ProgramQuerySet":
        """Programs in which every word occurs: in the title, identifier, summary or a participant's name."""
        found = self
        for word in words.split():
            named = Participation.objects.filter(program=OuterRef("pk")).filter(
                Q(organisation__name__icontains=word) | Q(organisation__short_name__icontains=word)
            )
            found = found.filter(
                Q(title__icontains=word)
                | Q(identifier__icontains=word)
                | Q(summary__icontains=word)
                | Exists(named)
            )
        return found

    def for_table(self) -> "ProgramQuerySet":
        return self.select_related("owner").prefetch_related(_participations_in_order())

    def for_page(self) -> "ProgramQuerySet":
        """With its participants, sectors and gaps, each in its order."""
        return self.select_related("owner").prefetch_related(
            _participations_in_order(),
            Prefetch("sectors", ProgramSector.objects.order_by("code", "pk")),
            Prefetch("gaps", Gap.objects.order_by("position", "pk")),
        )


def _participations_in_order() -> "Prefetch":
    rows = Participation.objects.select_related("organisation")
    return Prefetch("participations", rows.order_by("organisation__name", "pk"))


class Program(PublicId):
    """An aid program (IATI: activity)."""

    identifier = models.CharField(max_length=100)
    title = models.CharField(max_length=250)
    summary = models.TextField(blank=True)
    status = models.CharField(max_length=1, choices=ProgramStatus)
    nature = models.CharField(max_length=12, choices=Nature, default=Nature.OPERATIONAL)
    kind_of_aid = models.CharField(
        max_length=24, choices=KindOfAid, blank=True
    )  # blank: not stated
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programs")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    legal_authority = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier"],
                name="program_identifier_once",
                violation_error_message="A program with this identifier exists already.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="program_ends_after_it_starts",
                violation_error_message="The end lies before the start: correct one of the dates.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ProgramStatus.values),
                name="program_status_known",
            ),
            models.CheckConstraint(
                condition=Q(nature__in=Nature.values), name="program_nature_known"
            ),
            models.CheckConstraint(
                condition=Q(kind_of_aid__in=["", *KindOfAid.values]),
                name="program_kind_of_aid_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.identifier})"

    def in_role(self, role: str) -> list[Organisation]:
        """Who takes part as this. Reads its participations: `for_table` and `for_page` have loaded them."""
        return [p.organisation for p in self.participations.all() if p.role == role]

    @property
    def donors(self) -> list[Organisation]:
        return self.in_role(ParticipantRole.DONOR)

    @property
    def recipients(self) -> list[Organisation]:
        return self.in_role(ParticipantRole.RECIPIENT)


class ProgramSector(models.Model):
    """A sector of a program (OECD DAC five-digit code), with its share where stated."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sectors")
    code = models.CharField(max_length=5)
    name = models.CharField(max_length=150)
    percent = ScaledField(scale=2, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="program_sector_once")
        ]

    def __str__(self) -> str:
        return f"{self.program_id}: {self.code} {self.name}"


class Participation(models.Model):
    """An organisation's role in a program."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="participations")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="participations"
    )
    role = models.CharField(max_length=15, choices=ParticipantRole)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "organisation", "role"],
                name="participation_once_per_role",
                violation_error_message="This organisation already has this role in the program.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=ParticipantRole.values),
                name="participation_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} as {self.role} in {self.program_id}"


class ObjectiveLevel(models.TextChoices):
    IMPACT = "impact", "impact"
    OUTCOME = "outcome", "outcome"
    OUTPUT = "output", "output"


# What an objective of a level may lie under. All of them may stand at the top.
PARENT_LEVEL: dict[str, str | None] = {
    ObjectiveLevel.IMPACT: None,
    ObjectiveLevel.OUTCOME: ObjectiveLevel.IMPACT,
    ObjectiveLevel.OUTPUT: ObjectiveLevel.OUTCOME,
}


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, user: "User | AnonymousUser") -> "ObjectiveQuerySet":
        return self.filter(program__in=Program.objects.visible_to(user))


class Objective(PublicId):
    """What a program wants to reach (IATI: result). Outputs serve outcomes, outcomes an impact."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="objectives")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    level = models.CharField(max_length=7, choices=ObjectiveLevel)
    title = models.CharField(max_length=250)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=ObjectiveLevel.values),
                name="objective_level_known",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="objective_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}: {self.title} ({self.pk})"


class Qualifier(models.TextChoices):
    """How the source words the number."""

    EXACTLY = "exactly", ""
    ABOUT = "about", "about"
    MORE_THAN = "more_than", "more than"
    NEARLY = "nearly", "nearly"
    UP_TO = "up_to", "up to"
    AT_LEAST = "at_least", "at least"


class Grade(models.TextChoices):
    """How sure a stated figure is."""

    A = "A", "stated on an official page"
    B = "B", "good secondary source"


class FigureKind(models.TextChoices):
    MONEY = "money", "money"
    QUANTITY = "quantity", "quantity"
    PERCENT = "percent", "per cent"
    TEXT = "text", "words"


class StatedFigureQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "StatedFigureQuerySet":
        """Those of the person's programs. What is stated of an organisation is from the public record: staff sees it."""
        of_programs = Q(program__in=Program.objects.visible_to(user))
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(of_programs | Q(organisation__isnull=False))

    def in_force(self) -> "StatedFigureQuerySet":
        """Those that no correction has replaced."""
        return self.filter(replaced_by=None)


class StatedFigure(AppendOnly, PublicId):
    """A number from the public record, about a program or about an organisation and its work.

    It is shown and compared, never mixed with the ledger's own.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="figures", null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="figures", null=True, blank=True
    )
    label = models.CharField(max_length=250)
    kind = models.CharField(max_length=8, choices=FigureKind)
    qualifier = models.CharField(max_length=10, choices=Qualifier, default=Qualifier.EXACTLY)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    quantity = ScaledField(scale=6, null=True, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=300, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    as_of = models.DateField(null=True, blank=True)
    period_text = models.CharField(max_length=100, blank=True)
    citation = models.CharField(max_length=300)
    source_url = models.URLField(max_length=400, blank=True)
    grade = models.CharField(max_length=1, choices=Grade)
    note = models.CharField(max_length=400, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True
    )
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = StatedFigureQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="money", amount__isnull=False, quantity__isnull=True, words="")
                    & ~Q(currency="")
                )
                | Q(
                    kind__in=["quantity", "percent"],
                    quantity__isnull=False,
                    amount__isnull=True,
                    words="",
                )
                | (Q(kind="text", amount__isnull=True, quantity__isnull=True) & ~Q(words="")),
                name="figure_states_what_its_kind_says",
                violation_error_message="State what the kind of figure names, and nothing else: an amount, a number or words.",
            ),
            models.CheckConstraint(
                condition=Q(program__isnull=False, organisation__isnull=True)
                | Q(program__isnull=True, organisation__isnull=False),
                name="figure_is_about_a_program_or_an_organisation",
                violation_error_message="A stated figure is about a program or about an organisation: name one of them.",
            ),
            models.CheckConstraint(
                condition=~Q(citation=""),
                name="figure_has_a_citation",
                violation_error_message="A stated figure needs the document that states it.",
            ),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="figure_grade_known"),
            models.CheckConstraint(
                condition=Q(qualifier__in=Qualifier.values), name="figure_qualifier_known"
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="figure_period_ends_after_it_starts",
                violation_error_message="The period ends before it starts: correct one of the dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.pk})"

    @property
    def value(self) -> "Money | Decimal | str":
        """What the source states, by the kind of the figure."""
        if self.kind == FigureKind.MONEY:
            return self.amount
        return self.words if self.kind == FigureKind.TEXT else self.quantity


class Gap(PublicId):
    """Something that the public record does not state about a program, said in a sentence."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="gaps")
    sentence = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.sentence} ({self.pk})"

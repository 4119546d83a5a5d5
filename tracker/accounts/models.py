"""People, the organisations they work for, and the roles they hold."""

import zoneinfo
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from tracker.shared.calendars import CALENDAR_YEAR, Era, FiscalCalendar
from tracker.shared.clock import database_now, today
from tracker.shared.models import PublicId

if TYPE_CHECKING:
    from tracker.programs.models import Program


class OrganisationType(models.TextChoices):
    """IATI codelist OrganisationType (the codes that occur in military aid)."""

    GOVERNMENT = "10", "government"
    LOCAL_GOVERNMENT = "11", "local government"
    OTHER_PUBLIC = "15", "other public sector"
    INTERNATIONAL_NGO = "21", "international NGO"
    NATIONAL_NGO = "22", "national NGO"
    REGIONAL_NGO = "23", "regional NGO"
    PARTNER_COUNTRY_NGO = "24", "partner country based NGO"
    PARTNERSHIP = "30", "public-private partnership"
    MULTILATERAL = "40", "multilateral"
    FOUNDATION = "60", "foundation"
    PRIVATE = "70", "private sector"
    PRIVATE_PROVIDER = "71", "private sector in provider country"
    PRIVATE_RECIPIENT = "72", "private sector in aid recipient country"
    PRIVATE_THIRD = "73", "private sector in third country"
    ACADEMIC = "80", "academic, training and research"
    OTHER = "90", "other"


class Organisation(PublicId):
    """A ministry, an audit office, a recipient's general staff, a contractor."""

    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=2, choices=OrganisationType)
    identifier = models.CharField(max_length=100, null=True, blank=True, unique=True)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_once",
                violation_error_message="An organisation of this name exists already: use it, or add the country.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationType.values),
                name="organisation_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.short_name or self.name

    def calendar(self) -> FiscalCalendar:
        """Its fiscal years; calendar years where none are recorded. Reads its eras: prefetch them in lists."""
        eras = [era.as_era() for era in self.fiscal_eras.all()]
        return FiscalCalendar(eras) if eras else CALENDAR_YEAR

    def today(self) -> date:
        return today(self.time_zone)

    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class FiscalEra(models.Model):
    """From a day on, an organisation's fiscal years begin in this month."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="fiscal_eras"
    )
    begins_on = models.DateField()
    start_month = models.PositiveSmallIntegerField()
    named_after_end = models.BooleanField(default=True)
    transition = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "begins_on"], name="fiscal_era_once_per_day"
            ),
            models.CheckConstraint(
                condition=Q(start_month__range=(1, 12)), name="fiscal_era_month_exists"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} from {self.begins_on}"

    def as_era(self) -> Era:
        return Era(self.begins_on, self.start_month, self.named_after_end, self.transition)


class UserManager(BaseUserManager["User"]):
    """Finds people; actions create them."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin, PublicId):
    """A person who signs in. What they may do follows from their memberships only."""

    email = models.EmailField(
        unique=True,
        error_messages={"unique": "Somebody with this e-mail address is already here."},
    )
    name = models.CharField(max_length=150)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="people", null=True, blank=True
    )
    is_active = models.BooleanField(default=True)
    # A session holds this number: counting it up ends every session there is, also after a reactivation.
    sessions_ended = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="Somebody with this e-mail address is already here.",
            ),
            # Sign-in looks an address up as it is: kept in lower case, one way of writing it finds the person.
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_in_lower_case",
                violation_error_message="Write the e-mail address in lower case.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}.{self.sessions_ended}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for older in super().get_session_auth_fallback_hash():
            yield f"{older}.{self.sessions_ended}"


class Role(models.TextChoices):
    """What a person may do for an organisation or a program."""

    OFFICER = "officer", "program officer"
    APPROVER = "approver", "approver"
    SENIOR_APPROVER = "senior_approver", "senior approver"
    AUDITOR = "auditor", "auditor"
    HEAD_OF_AUDIT = "head_of_audit", "head of the audit"
    DISCLOSURE = "disclosure", "disclosure officer"
    RECIPIENT = "recipient", "recipient's representative"
    ADMINISTRATOR = "administrator", "administrator"


SIGNERS = (Role.APPROVER, Role.SENIOR_APPROVER)
"""Roles whose signature approves. What is asked of an approver, a senior approver may do as well."""

NEEDS_TWO = (*SIGNERS, Role.ADMINISTRATOR)
"""Roles that a second administrator confirms: whoever could give them alone could approve alone."""

WHAT_IT_DOES = {
    Role.OFFICER: "records programs, vouchers, uploads and indicators, and drafts reports",
    Role.APPROVER: "approves or returns what others recorded; cannot be an administrator",
    Role.SENIOR_APPROVER: "an approver whose signature the largest amounts need; cannot be an administrator",
    Role.AUDITOR: "examines everything, raises findings and closes recommendations",
    Role.HEAD_OF_AUDIT: "adopts an audit office's annual plan, sets its weights and issues its reports",
    Role.DISCLOSURE: "decides what is withheld and publishes reports",
    Role.RECIPIENT: "sees the programs that its organisation receives, and states what arrived",
    Role.ADMINISTRATOR: "invites people and grants roles; sees no vouchers and approves nothing",
}


class MembershipStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second administrator"
    ACTIVE = "active", "in force"
    DECLINED = "declined", "declined"
    ENDED = "ended", "ended"


MEMBERSHIP_TRANSITIONS: dict[str, set[str]] = {
    MembershipStatus.PROPOSED: {MembershipStatus.ACTIVE, MembershipStatus.DECLINED},
    MembershipStatus.ACTIVE: {MembershipStatus.ENDED},
    MembershipStatus.DECLINED: set(),
    MembershipStatus.ENDED: set(),
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self) -> "MembershipQuerySet":
        """Active memberships of people who may still sign in."""
        return self.filter(status=MembershipStatus.ACTIVE, person__is_active=True)


class Membership(PublicId):
    """A role that a person holds over one organisation's programs, or over one program."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
    )
    program = models.ForeignKey(
        "tracker.Program",
        on_delete=models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
    )
    status = models.CharField(max_length=10, choices=MembershipStatus)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    changed_at = models.DateTimeField(db_default=Now())

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, program__isnull=True)
                | Q(organisation__isnull=True, program__isnull=False),
                name="membership_organisation_xor_program",
                violation_error_message="A role is held over an organisation or over a program: choose one of them.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(status__in=MembershipStatus.values),
                name="membership_status_known",
            ),
            models.CheckConstraint(
                # An administrator needs two as well: else one alone could appoint the second.
                condition=~Q(role__in=NEEDS_TWO)
                | ~Q(status__in=[MembershipStatus.ACTIVE, MembershipStatus.ENDED])
                | Q(role=Role.ADMINISTRATOR, granted_by__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, granted_by__isnull=False)
                    & ~Q(confirmed_by=F("granted_by"))
                ),
                name="membership_needs_two_administrators",
                violation_error_message="This role needs a second administrator.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("person")) & ~Q(granted_by=F("person"))),
                name="membership_nobody_confirms_their_own",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                condition=Q(status__in=[MembershipStatus.PROPOSED, MembershipStatus.ACTIVE]),
                name="membership_once_per_organisation",
                violation_error_message="This person holds this role already, or it waits for confirmation.",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "program"],
                condition=Q(status__in=[MembershipStatus.PROPOSED, MembershipStatus.ACTIVE]),
                name="membership_once_per_program",
                violation_error_message="This person holds this role already, or it waits for confirmation.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()} ({self.pk})"

    @property
    def over(self) -> "Organisation | Program":
        """What the role is held over. Lists select both."""
        found = self.program or self.organisation
        assert found is not None  # the database holds that it is one of the two
        return found


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Letters whose link still works."""
        return self.filter(withdrawn=False, accepted_by=None, expires_at__gt=database_now())


class Invitation(PublicId):
    """A letter to somebody who shall join. The link's secret is kept as a digest only."""

    email = models.EmailField()
    name = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    secret_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_by = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="invitation", null=True, blank=True
    )
    withdrawn = models.BooleanField(default=False)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.email}"


class Notice(PublicId):
    """Something waits for a person, or happened to what they asked for. Also sent by e-mail."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    sentence = models.CharField(max_length=300)
    path = models.CharField(max_length=200)
    sent_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return f"notice {self.pk} to {self.person}"

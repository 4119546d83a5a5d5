"""What the audited side plans and asks for: corrective action plans, more time, the acceptance of a risk."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models.recommendations import Recommendation
from tracker.shared.models import AppendOnly, ErasableText, PublicId


class PlanText(ErasableText):
    """Who does what, by role: no person needs to be named."""

    contact = models.CharField(max_length=200)
    action = models.TextField()
    disagreement = models.TextField(blank=True)
    TEXTS = ("contact", "action", "disagreement")

    def __str__(self) -> str:
        return f"words of corrective action plan {self.pk}"


class CorrectivePlan(AppendOnly, PublicId):
    """A corrective action plan (2 CFR 200.511(c)): the newest version holds, the earlier ones stay readable."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="plans"
    )
    version = models.PositiveSmallIntegerField()
    anticipated_on = models.DateField(null=True, blank=True)  # null only where it is disagreed with
    text = models.OneToOneField(PlanText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now())
    stated_on = models.DateField()  # the day in the office's time zone
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "version"], name="corrective_plan_version_once"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="corrective_plan_versions_begin_with_one"
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.version} for recommendation {self.recommendation_id}"


class AskKind(models.TextChoices):
    """What the owner can ask for. More time is the auditors' to grant, a risk is its own senior's to accept."""

    EXTENSION = "extension", "more time"
    RISK = "risk", "to accept the risk"


class AskText(ErasableText):
    """Why the owner asks."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of ask {self.pk}"


class Ask(AppendOnly, PublicId):
    """The owner asks until a day: the later due date, or the last day on which the risk is accepted."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="asks"
    )
    kind = models.CharField(max_length=9, choices=AskKind)
    until = models.DateField()
    text = models.OneToOneField(AskText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AskKind.values), name="ask_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.kind} asked for recommendation {self.recommendation_id}"


class AskVerdict(models.TextChoices):
    GRANTED = "granted", "granted"
    DECLINED = "declined", "declined"


class AskAnswerText(ErasableText):
    """Why it was granted or declined."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of answer {self.pk} to an ask"


class AskAnswer(AppendOnly, PublicId):
    """The yes or no of another person. What is granted moves the recommendation in the same moment."""

    ask = models.OneToOneField(Ask, on_delete=models.PROTECT, related_name="answer")
    verdict = models.CharField(max_length=8, choices=AskVerdict)
    text = models.OneToOneField(AskAnswerText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=AskVerdict.values), name="ask_verdict_known"
            )
        ]

    def __str__(self) -> str:
        return f"ask {self.ask_id} {self.verdict}"

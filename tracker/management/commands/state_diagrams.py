"""Draw every state machine as a diagram in docs/states.md. `--check` fails when the page is out of date."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import TextChoices

from tracker.accounts.models import MEMBERSHIP_TRANSITIONS, MembershipStatus
from tracker.audits.models import (
    ENGAGEMENT_TRANSITIONS,
    FINDING_TRANSITIONS,
    RECOMMENDATION_TRANSITIONS,
    EngagementStatus,
    FindingStatus,
    RecommendationState,
)
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    DELEGATION_TRANSITIONS,
    DISCREPANCY_TRANSITIONS,
    EMERGENCY_TRANSITIONS,
    INTEREST_TRANSITIONS,
    PERIOD_TRANSITIONS,
    VOUCHER_TRANSITIONS,
    WAIVER_TRANSITIONS,
    ChangeStatus,
    DelegationStatus,
    DiscrepancyStatus,
    EmergencyStatus,
    InterestStatus,
    PeriodStatus,
    VoucherStatus,
    WaiverStatus,
)
from tracker.publishing.models import (
    PREPARATION_TRANSITIONS,
    REPORT_TRANSITIONS,
    TAKEDOWN_TRANSITIONS,
    WITHHOLDING_TRANSITIONS,
    PreparationStatus,
    ReportStatus,
    TakedownStatus,
    WithholdingStatus,
)
from tracker.uploads.models import UPLOAD_TRANSITIONS, UploadStatus

MACHINES: list[tuple[str, type[TextChoices], Mapping[str, set[str]]]] = [
    ("Voucher", VoucherStatus, VOUCHER_TRANSITIONS),
    ("Change of an authority", ChangeStatus, CHANGE_TRANSITIONS),
    ("Revaluation", ChangeStatus, CHANGE_TRANSITIONS),
    ("Limit of the delegation of authority", ChangeStatus, CHANGE_TRANSITIONS),
    ("Delegation", DelegationStatus, DELEGATION_TRANSITIONS),
    ("Discrepancy", DiscrepancyStatus, DISCREPANCY_TRANSITIONS),
    ("Declared interest", InterestStatus, INTEREST_TRANSITIONS),
    ("Emergency posting", EmergencyStatus, EMERGENCY_TRANSITIONS),
    ("Waiver of a document", WaiverStatus, WAIVER_TRANSITIONS),
    ("Period", PeriodStatus, PERIOD_TRANSITIONS),
    ("Upload", UploadStatus, UPLOAD_TRANSITIONS),
    ("Engagement", EngagementStatus, ENGAGEMENT_TRANSITIONS),
    ("Finding", FindingStatus, FINDING_TRANSITIONS),
    ("Recommendation", RecommendationState, RECOMMENDATION_TRANSITIONS),
    ("Report", ReportStatus, REPORT_TRANSITIONS),
    ("Prepared release", PreparationStatus, PREPARATION_TRANSITIONS),
    ("Withholding", WithholdingStatus, WITHHOLDING_TRANSITIONS),
    ("Release that is taken back", TakedownStatus, TAKEDOWN_TRANSITIONS),
    ("Role of a person", MembershipStatus, MEMBERSHIP_TRANSITIONS),
]


def draw(title: str, states: type[TextChoices], transitions: Mapping[str, set[str]]) -> str:
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in states]
    for state in states:
        lines += [f"    {state.value} --> {then}" for then in sorted(transitions[state])]
    return "\n".join([*lines, "```", ""])


def page() -> str:
    intro = "# States\n\nDrawn from the code by `manage.py state_diagrams`; the check fails when they differ.\n"
    return "\n".join([intro, *(draw(*machine) for machine in MACHINES)])


class Command(BaseCommand):
    help = "Draws every state machine in docs/states.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        if not options["check"]:
            path.write_text(page(), encoding="utf-8")
        elif not path.exists() or path.read_text("utf-8") != page():
            raise CommandError("docs/states.md is out of date: run `make fix`.")

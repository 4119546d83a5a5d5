"""What the office adopted and issued: versions in order, by its head, of its own engagements."""

from tracker.shared.triggers import Forbid, Trigger

PLAN, PLANNED = "tracker_auditplan", "tracker_plannedengagement"
_NEXT_VERSION = (
    f"SELECT COALESCE(MAX(p.version), 0) + 1 FROM {PLAN} p "
    "WHERE p.office_id = NEW.office_id AND p.fiscal_year = NEW.fiscal_year"
)


def _is_head(person: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM tracker_membership m "
        f"WHERE m.person_id = NEW.{person} AND m.organisation_id = NEW.office_id "
        "AND m.role = 'head_of_audit' AND m.status = 'active')"
    )


TRIGGERS: list[Trigger] = [
    Forbid(
        "audit_plan_versions_follow",
        PLAN,
        "audit_plan_versions_follow: a changed plan is the next version",
        f"NEW.version <> ({_NEXT_VERSION})",
    ),
    Forbid(
        "audit_plan_adopted_by_the_head",
        PLAN,
        "audit_plan_adopted_by_the_head: only the head of the audit adopts a plan",
        f"NOT {_is_head('adopted_by_id')}",
    ),
    Forbid(
        "planned_engagement_is_the_offices_own",
        PLANNED,
        "planned_engagement_is_the_offices_own: a plan names engagements of its office",
        f"NOT EXISTS (SELECT 1 FROM {PLAN} p, tracker_engagement e WHERE p.id = NEW.plan_id "
        "AND e.id = NEW.engagement_id AND e.office_id = p.office_id)",
    ),
    Forbid(
        "office_report_issued_by_the_head",
        "tracker_officereport",
        "office_report_issued_by_the_head: only the head of the audit issues the office's report",
        f"NOT {_is_head('issued_by_id')}",
    ),
]

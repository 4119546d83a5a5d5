"""Names of tables and turns of phrase that the audits' triggers share."""

from collections.abc import Sequence

from tracker.shared.triggers import Forbid, Trigger

FINDING, LINK = "tracker_finding", "tracker_findinglink"
RECOMMENDATION, STEP = "tracker_recommendation", "tracker_recommendationstep"


def changed(*columns: str) -> str:
    """IS DISTINCT FROM, in words that both engines know."""
    return " OR ".join(
        f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))" for c in columns
    )


def issued(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = {row}.finding_id AND f.status = 'issued')"
    )


def frozen_with_its_finding(table: str, name: str, what: str, key: Sequence[str]) -> list[Trigger]:
    """Parts of a finding: they come and go with a draft, stay with what is issued, and are never changed or replaced."""
    same = " AND ".join(f"x.{column} = NEW.{column}" for column in key)
    return [
        Forbid(
            f"{name}_stays",
            table,
            f"{name}_stays: {what} of an issued finding stay",
            issued("OLD"),
            forbidden="DELETE",
        ),
        Forbid(
            f"{name}_never_changed",
            table,
            f"{name}_never_changed: {what} of a draft are written anew, never changed",
            forbidden="UPDATE",
        ),
        Forbid(
            f"{name}_comes_before_issue",
            table,
            f"{name}_comes_before_issue: an issued finding gets no further {what}",
            issued("NEW"),
        ),
        Forbid(
            f"{name}_never_replaced",
            table,
            f"{name}_never_replaced: the finding has this one already",
            f"EXISTS (SELECT 1 FROM {table} x WHERE x.id = NEW.id OR ({same}))",
        ),
    ]

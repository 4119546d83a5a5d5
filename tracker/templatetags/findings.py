"""What auditors found about a record, on the record's own page, whichever room that page belongs to."""

from typing import Any

from django import template
from django.template import Context

from tracker.audits.models import Finding, LinkKind
from tracker.audits.policies import check_can_plan, left_of
from tracker.audits.queries import findings_about, newest_records
from tracker.shared.money import Money
from tracker.shared.policies import permits

register = template.Library()


@register.filter
def still_questioned(finding: Finding) -> Money | None:
    """What nothing that the auditors accepted covers yet. No query where the cost events were fetched before."""
    return left_of(finding)


@register.inclusion_tag("audits/_about_record.html", takes_context=True)
def findings_about_record(context: Context, kind: str, *records: Any) -> dict[str, Any]:
    """Nothing where nothing was found that the reader may see; for an auditor also the way to a draft.

    `records` are the rows of one kind that the page is about: every version of a voucher, one authority.
    """
    user = context["request"].user
    rows = [row for one in records for row in ([one] if hasattr(one, "uid") else one)]
    may_begin = bool(rows) and permits(check_can_plan, user)
    return {
        "findings": findings_about(kind, rows, user) if rows else [],
        "kind": kind,
        "about": f"this {LinkKind(kind).label}",
        "begin": newest_records(kind, rows) if may_begin else [],
    }

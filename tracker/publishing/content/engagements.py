"""An engagement as a public row: what the audit office looks at, and how far it is."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tracker.audits.models import Engagement, EngagementStatus
from tracker.journal.queries import history_of
from tracker.publishing.content.cells import Row, Withheld, cells_of
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Withholding

DATED = ("as_of",)


def rows(engagement: Engagement, as_of: date, withheld: Withheld | None = None) -> Iterator[Row]:
    """One row, with what is withheld in it now if nothing else is said. A program in scope is named by its identifier, also while it is not public, as findings name theirs."""
    scope = engagement.scope.select_related("program").order_by("program__title", "pk")
    cells = cells_of(
        number=engagement.number,
        title=engagement.title,
        kind=engagement.kind,
        standard=engagement.standard,
        office=engagement.office.name,
        office_uid=engagement.office.uid,
        status=engagement.status,
        status_label=engagement.get_status_display(),
        objectives=engagement.objectives,
        criteria=engagement.criteria,
        scope=[
            {"program": part.program.uid, "from": part.period_start, "to": part.period_end}
            for part in scope
        ],
        moves=moves_of(engagement),
        as_of=as_of,
    )
    if withheld is None:
        withheld = Withheld(Withholding.objects.in_force().filter(record=engagement.uid))
    covered = withheld.cover(cells, WITHHOLDABLE["engagement"], engagement.uid, kind="engagement")
    yield Row("engagement", engagement.uid, covered)


def moves_of(engagement: Engagement) -> list[dict[str, Any]]:
    """Into which state on which day of the office, oldest first, as the journal has it."""
    zone = engagement.office.zone()
    labels = dict(EngagementStatus.choices)
    moves: list[dict[str, Any]] = []
    for event in reversed(history_of(engagement)):
        status = event.values.get("status")
        if status and (not moves or moves[-1]["status"] != status):
            day = event.at.astimezone(zone).date()
            moves.append({"status": status, "label": labels.get(status, status), "on": day})
    return moves

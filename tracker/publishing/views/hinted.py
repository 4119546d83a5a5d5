"""Whether what is withheld can be reckoned, for a page: the next release as it would be, judged while somebody waits."""

from django.db.models import Q

from tracker.programs.models import Program
from tracker.publishing import queries
from tracker.publishing.actions.releases import gather
from tracker.publishing.content.cells import Withheld
from tracker.publishing.models import Withholding, WithholdingStatus
from tracker.publishing.queries import Hints


def hints_for(program: Program, also: Withholding | None = None) -> Hints:
    """`also`: a proposal, judged as if it were in force. A program in which nothing is withheld costs one query."""
    judged = Q(status=WithholdingStatus.IN_FORCE)
    if also is not None and also.status == WithholdingStatus.PROPOSED:
        judged |= Q(pk=also.pk)
    withheld = list(Withholding.objects.filter(judged, program=program).order_by("pk"))
    if not withheld:
        return Hints()
    if not queries.is_small(program):
        return queries.NOT_ON_A_PAGE
    content = gather(program)
    content.withheld = Withheld(withheld)
    return queries.hints(program, content.rows())


def hints_about(withholding: Withholding) -> Hints:
    """Those that one decision has: of its record, its field, or of every record that its rule covers."""
    if withholding.status not in (WithholdingStatus.IN_FORCE, WithholdingStatus.PROPOSED):
        return Hints()
    found = hints_for(withholding.program, withholding)
    if withholding.record is None or withholding.record_kind == "participant":
        return found.of_kind(withholding.record_kind, withholding.field)
    return found.about(withholding.record, withholding.field)

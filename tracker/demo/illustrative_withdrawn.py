"""A program whose newest release one person took down in a hurry, and a second one reviewed: its tombstone is public."""

from tracker.demo.people import Cast
from tracker.programs import actions as programs
from tracker.programs.models import KindOfAid, Nature, ParticipantRole, Program, ProgramStatus
from tracker.programs.queries import Participant
from tracker.publishing import actions as publishing
from tracker.publishing.models import Category, Release


def play(cast: Cast) -> None:
    """Two releases; the second one named a place that it must not name."""
    program = programs.create_program(
        owner=cast.ministry,
        identifier="ILLUSTRATIVE-CLOTHING",
        title="Winter clothing (illustrative)",
        summary="An invented program that shows what stays of a release that was taken back.",
        kind_of_aid=KindOfAid.EQUIPMENT,
        status=ProgramStatus.IMPLEMENTATION,
        nature=Nature.ILLUSTRATIVE,
        participants=[
            Participant(cast.ministry, ParticipantRole.DONOR),
            Participant(cast.general_staff, ParticipantRole.RECIPIENT),
        ],
        by=cast.officer,
    )
    _release(cast, program)
    programs.add_objective(
        program=program,
        level="output",
        title="Two thousand sets are in the store at Hillfoot (illustrative)",
        by=cast.officer,
    )
    stone = publishing.take_down(
        release=_release(cast, program),
        category=Category.OPERATIONAL_SECURITY,
        legal_basis="Aid Act 2024, section 31 (illustrative)",
        reason="A text named a place that is not announced.",
        by=cast.disclosure,
    )
    publishing.review_takedown(
        takedown=stone.takedown,
        verdict="upheld",
        reason="The place is not public; the text is being put right.",
        by=cast.second_disclosure,
    )


def _release(cast: Cast, program: Program) -> Release:
    prepared = publishing.prepare_release(program=program, by=cast.second_disclosure)
    return publishing.release_prepared(preparation=prepared, by=cast.disclosure)

"""One plainly illustrative program that has everything in every state, so that each role finds something to do.

Every figure here is invented and marked so. It is built by calling the actions that people call.
"""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile

from tracker.accounts import actions as accounts
from tracker.accounts.models import Organisation, Role, User
from tracker.demo import (
    illustrative_audit,
    illustrative_money,
    illustrative_office,
    illustrative_periods,
    illustrative_receipts,
    illustrative_reports,
    illustrative_results,
    illustrative_signing,
)
from tracker.demo.people import DOMAIN, PASSWORD, Cast
from tracker.ledger.models import Transaction
from tracker.programs import actions as programs
from tracker.programs.models import KindOfAid, Nature, ParticipantRole, Program, ProgramStatus
from tracker.programs.queries import Participant, Sector
from tracker.publishing import actions as publishing
from tracker.publishing.models import Category
from tracker.uploads import actions as uploads


def play(cast: Cast) -> None:
    """Set up the programs, move the money, audit it, close its quarters, report on it, and leave something waiting
    for everybody."""
    program = _main_program(cast)
    payments = illustrative_money.move(cast, program)
    illustrative_signing.sign(cast, program, payments)
    illustrative_receipts.receive(cast, payments)
    illustrative_results.measure(cast, program)
    illustrative_audit.examine(cast, program, payments)
    illustrative_periods.close(cast, program, payments)
    _withhold(cast, program, payments["vehicles"])
    _report(cast, program)
    illustrative_reports.annual(cast, program)
    _programs_that_are_not_public(cast)
    _people_who_wait(cast)
    _upload(cast, program)
    illustrative_office.play(cast, program)


def _main_program(cast: Cast) -> Program:
    return programs.create_program(
        owner=cast.ministry,
        identifier="ILLUSTRATIVE-MEDEVAC",
        title="Medical evacuation training (illustrative)",
        summary=(
            "Training and equipment for twelve field evacuation teams, so that a wounded person reaches surgery "
            "within an hour. Every figure of this program is invented to show how Countersign works."
        ),
        kind_of_aid=KindOfAid.TRAINING,
        status=ProgramStatus.IMPLEMENTATION,
        nature=Nature.ILLUSTRATIVE,
        starts_on=illustrative_money.day(2025, 1, 1),
        ends_on=illustrative_money.day(2027, 12, 31),
        legal_authority="Aid Act 2024, section 12 (illustrative)",
        sectors=[Sector("15220", "Civilian peace-building, conflict prevention and resolution")],
        participants=[
            Participant(cast.ministry, ParticipantRole.DONOR),
            Participant(cast.general_staff, ParticipantRole.RECIPIENT),
            Participant(cast.training_command, ParticipantRole.IMPLEMENTING),
        ],
        gaps=["What the recipient spends on the teams' salaries is not stated."],
        by=cast.officer,
    )


def _withhold(cast: Cast, program: Program, payment: Transaction) -> None:
    """One field withheld by two persons, one proposal that waits for the second."""
    in_a_year = program.owner.today() + timedelta(days=365)
    common: dict[str, Any] = {
        "program": program,
        "record_kind": "transaction",
        "record": payment.uid,
        "category": Category.OPERATIONAL_SECURITY,
        "legal_basis": "Aid Act 2024, section 31 (illustrative)",
        "review_on": in_a_year,
        "by": cast.disclosure,
    }
    proposed = publishing.propose_withholding(
        field="receiver", reason="The unit that received the vehicles is deployed.", **common
    )
    publishing.decide_withholding(withholding=proposed, by=cast.second_disclosure)
    publishing.propose_withholding(
        field="payee", reason="The supplier's name would tell where the vehicles are.", **common
    )


SECTIONS = [
    (
        "Summary",
        "The first six teams are certified. The vehicles arrived late; their receipts are being audited.",
    ),
    ("What was done", "Two simulators were installed and instructors worked through the year."),
    (
        "Where the money is",
        "The figures beside this text come from the release that froze this report.",
    ),
    ("Results", "The median time to surgery fell from 128 to 71 minutes; the target is 60."),
    ("What auditors found", "One finding is open. The ministry has said what it does about it."),
    ("What comes next", "Six further teams train from January on."),
]


def _report(cast: Cast, program: Program) -> None:
    """One published report, one in review, one returned, one draft."""
    spans = [(2025, 1, 6), (2025, 7, 12), (2026, 1, 6), (2026, 7, 9)]
    reports = []
    for year, first, last in spans:
        start, end = (
            illustrative_money.day(year, first, 1),
            illustrative_money.month_end(year, last),
        )
        report = publishing.draft_report(
            program=program,
            title=f"Progress report, {start:%B} to {end:%B %Y} (illustrative)",
            period_start=start,
            period_end=end,
            sections=SECTIONS,
            by=cast.officer,
        )
        reports.append(report)
    for report in reports[:3]:
        publishing.submit_report(report=report, by=cast.officer)
    publishing.accept_report(report=reports[0], by=cast.approver)
    publishing.publish_report(report=reports[0], by=cast.disclosure)
    publishing.return_report(
        report=reports[1], reason="The part on results does not say who measured.", by=cast.approver
    )


def _programs_that_are_not_public(cast: Cast) -> None:
    """One with a decision and a review date, one about which nobody has decided."""
    for identifier, title in (
        ("ILLUSTRATIVE-RADIO", "Border radio network (illustrative)"),
        ("ILLUSTRATIVE-SCHOOL", "Engineer school repairs (illustrative)"),
    ):
        program = programs.create_program(
            owner=cast.ministry,
            identifier=identifier,
            title=title,
            summary="An invented program that shows what is not public.",
            kind_of_aid=KindOfAid.INFRASTRUCTURE,
            status=ProgramStatus.PIPELINE,
            nature=Nature.ILLUSTRATIVE,
            participants=[
                Participant(cast.ministry, ParticipantRole.DONOR),
                Participant(cast.general_staff, ParticipantRole.RECIPIENT),
            ],
            by=cast.officer,
        )
        if identifier.endswith("RADIO"):
            publishing.decide_not_published(
                program=program,
                category=Category.OPERATIONAL_SECURITY,
                reason="The sites of the masts are not announced yet.",
                review_on=program.owner.today() + timedelta(days=120),
                by=cast.disclosure,
            )


def _people_who_wait(cast: Cast) -> None:
    """An open invitation, and an approver's role that waits for the second administrator."""
    first = cast.administrators[0]
    accounts.invite_person(
        name="Third program officer",
        email=f"officer3@{DOMAIN}",
        organisation=cast.ministry,
        by=first,
    )
    newcomer = _joins(cast.ministry, "Second approver", "approver2", cast)
    accounts.grant_role(person=newcomer, role=Role.APPROVER, organisation=cast.ministry, by=first)


def _joins(organisation: Organisation, name: str, email: str, cast: Cast) -> User:
    _, secret = accounts.invite_person(
        name=name, email=f"{email}@{DOMAIN}", organisation=organisation, by=cast.administrators[0]
    )
    return accounts.accept_invitation(secret=secret, password=PASSWORD)


HISTORY = """\
payment,paid on,amount,supplier,purpose
M-001,2024-03-14,18250.00,Field Medical Stores (illustrative),Stretchers
M-002,2024-05-02,7310.50,Field Medical Stores (illustrative),Tourniquets
M-003,2024-09-19,-310.50,Field Medical Stores (illustrative),Returned tourniquets
M-004,2024-11-27,42900.00,Rotor Service (illustrative),Rotor inspection
"""
MAPPING = {
    "name": "Payments of 2024 (illustrative)",
    "source": "illustrative-2024",
    "columns": {
        "date": "paid on",
        "amount": "amount",
        "reference": ["payment"],
        "payee": "supplier",
        "description": "purpose",
    },
    "constants": {"currency": "USD", "kind": "disbursement", "negative": "refund"},
}


def _upload(cast: Cast, program: Program) -> None:
    """A file of past payments as one batch voucher, which waits for approval."""
    mapping = MAPPING | {"programs": {"existing": program.identifier}}
    upload = uploads.create_upload(
        organisation=cast.ministry,
        file=ContentFile(HISTORY.encode()),
        file_name="payments-2024-illustrative.csv",
        mapping=mapping,
        by=cast.officer,
    )
    uploads.check_upload(upload=upload, by=cast.officer)
    uploads.submit_upload(upload=upload, by=cast.officer)

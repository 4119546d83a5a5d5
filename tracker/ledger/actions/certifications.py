"""Certifying a closed period: one signature for the donor, one for the recipient."""

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.models import Certification, CertificationSide, CertificationText, Period
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, refused_if

CERTIFYING_RULES: dict[str, Sentence] = {
    "certification_of_a_closed_period": "The period was opened again at this moment: nothing was signed.",
    "certification_of_the_owners_books": "This period belongs to another organisation than the program.",
    "certification_by_two_persons": "You signed for the other side: another person certifies for this one.",
    "certification_for_an_organisation_of_its_side": "This organisation does not take part on this side.",
    "certification_once_per_side": "Somebody of this side signed at the same moment.",
    "tracker_certification": "Somebody of this side signed at the same moment.",
}


@transaction.atomic
def certify_period(
    *, program: Program, period: Period, side: str, seen: str, remark: str = "", by: User
) -> Certification:
    """Sign for one side that the program's figures of a closed period are right to one's knowledge.

    `seen` is the digest of the figures as they were shown: when they have changed since, nothing is signed. A
    `remark` may state a reservation.
    """
    Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    period = Period.objects.with_closing().select_related("organisation").get(pk=period.pk)
    policies.check_can_certify(by, program, period, side)
    assert period.closing is not None  # a closed period was closed by a decision
    figures = queries.figures_of(program, period)
    if figures.digest != seen:
        raise Refused(
            "The figures changed since this page showed them to you: read them again, then sign."
        )
    organisation = policies.organisation_signed_for(by, program, side)
    text = CertificationText.objects.create(
        statement=queries.STATEMENTS[CertificationSide(side)], remark=remark.strip()
    )
    certification = Certification(
        program=program,
        period=period,
        closing_id=period.closing,
        side=side,
        organisation=organisation,
        figures=figures.canonical,
        figures_digest=figures.digest,
        text=text,
        text_digest=text.digest,
        signed_by=by,
    )
    _record(certification, by)
    with refused_if(CERTIFYING_RULES):
        certification.save(force_insert=True)
    _tell_the_other_side(certification)
    return certification


def _record(certification: Certification, by: User) -> None:
    names = (
        *("program", "period", "closing", "side", "organisation"),
        *("figures", "figures_digest"),
    )
    fields = {name: getattr(certification, name) for name in names}
    fields |= {name: getattr(certification.text, name) for name in CertificationText.TEXTS}
    certification.entry_id = journal.record(
        "certification", record=certification, op="create", by=by, fields=fields
    )


def _tell_the_other_side(certification: Certification) -> None:
    program, period = certification.program, certification.period
    path = reverse("ledger:certification", args=[period.uid, program.uid])
    said = f"{period.name} of “{program.title}” is certified for the {certification.side}"
    signed = Certification.objects.filter(program=program, closing=certification.closing)
    if signed.count() < len(CertificationSide.values):
        other = (
            CertificationSide.RECIPIENT
            if certification.side == CertificationSide.DONOR
            else CertificationSide.DONOR
        )
        people = queries.signers_of(program, other).exclude(pk=certification.signed_by_id)
        said = f"{said}: certify it for the {other}."
        for person in people:
            notify(person=person, sentence=said, path=path)
    else:
        for one in signed.exclude(pk=certification.pk).select_related("signed_by"):
            notify(person=one.signed_by, sentence=f"{said} as well.", path=path)

"""Recording the legal bases that money comes from."""

from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies
from tracker.ledger.models import Authority
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields, refused_if


@transaction.atomic
def create_authority(
    *, organisation: Organisation, title: str, legal_basis: str, by: User
) -> Authority:
    """Record a legal authority that the organisation's vouchers may name."""
    policies.check_can_record_authority(by, organisation)
    authority = Authority(
        organisation=organisation, title=title.strip(), legal_basis=legal_basis.strip()
    )
    used = "An authority with this title is recorded already: use it."
    if Authority.objects.filter(organisation=organisation, title=authority.title).exists():
        raise Refused({"title": used})
    check_fields(authority)
    with refused_if({"authority_title_once": {"title": used}}):
        authority.save()
    fields = {
        "organisation": organisation,
        "title": authority.title,
        "legal_basis": authority.legal_basis,
    }
    journal.record("authority", record=authority, op="create", by=by, fields=fields)
    return authority

"""Refused attempts: to which organisation a thing belongs, for the list that its auditors read."""

from uuid import UUID

from django.db.models import Model

from tracker.accounts.models import Organisation, User
from tracker.ledger.models import (
    Attachment,
    Authority,
    AuthorityChange,
    Delegation,
    EmergencyPosting,
    SigningLimit,
    Transaction,
    Voucher,
)

# Where the organisation stands in each kind of thing that an address can name; an upload is found by its voucher.
OWNERS: tuple[tuple[type[Model], str, str], ...] = (
    (Voucher, "uid", "organisation"),
    (Transaction, "uid", "program__owner"),
    (Authority, "uid", "organisation"),
    (AuthorityChange, "uid", "authority__organisation"),
    (Attachment, "uid", "voucher__organisation"),
    (Delegation, "uid", "organisation"),
    (SigningLimit, "uid", "organisation"),
    (EmergencyPosting, "uid", "version__voucher__organisation"),
    (Organisation, "uid", "pk"),
    (Voucher, "upload__uid", "organisation"),
)


def organisation_of(what: UUID | None, person: User) -> Organisation | None:
    """The organisation of a thing; of what is not there yet, or has none, the one that the person works for."""
    for model, name, path in OWNERS if what is not None else ():
        found = model._default_manager.filter(**{name: what}).values_list(path, flat=True).first()
        if found is not None:
            return Organisation.objects.get(pk=found)
    return person.organisation

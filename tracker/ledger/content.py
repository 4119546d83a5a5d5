"""What a voucher says, and the hash that binds an approval to it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785

from tracker.accounts.models import Organisation
from tracker.journal.entries import plain
from tracker.ledger.events import DETAILS
from tracker.ledger.models import (
    Authority,
    DeliveryPoint,
    Details,
    Form,
    Transaction,
    TransactionText,
    ValuationBasis,
    VersionText,
    Voucher,
    VoucherVersion,
)
from tracker.shared.dates import DatePrecision
from tracker.shared.money import Money

# Of the canonical content: a later form gets the next number, and what was hashed in an older one stays verifiable.
CONTENT_FORM = 2
IN_FORM_1 = (
    *("currency", "amount", "value_date", "date_precision", "draws_on", "provider", "receiver"),
    *("authority", "valuation_basis"),
)
TEXTS = ("payee", "reference", "description")


@dataclass(frozen=True)
class Draft:
    """What somebody wants a voucher to say. Until it is submitted anything may be missing (None, or "").

    `amount` carries its currency; `currency` alone serves a draft that has no amount yet.
    """

    amount: Money | None = None
    currency: str = ""
    value_date: date | None = None
    date_precision: str = DatePrecision.DAY
    draws_on: Transaction | None = None
    payee: str = ""
    reference: str = ""
    description: str = ""
    provider: Organisation | None = None
    receiver: Organisation | None = None
    authority: Authority | None = None
    valuation_basis: str = ValuationBasis.MONEY
    valuation_date: date | None = None
    form: str = Form.MONEY
    quantity: Decimal | None = None
    unit: str = ""
    delivery_point: str = DeliveryPoint.NOT_STATED
    booked_on: date | None = None


def details_of(row: Details) -> dict[str, Any]:
    """The part that vouchers, versions and transactions have in common, for the journal and the hash."""
    return {name: getattr(row, name) for name in DETAILS}


def voucher_fields(voucher: Voucher, **more: Any) -> dict[str, Any]:
    """The journal's fields of a voucher."""
    texts = {name: getattr(voucher, name) for name in TEXTS}
    return {
        "organisation": voucher.organisation,
        "program": voucher.program,
        "number": voucher.number,
        "kind": voucher.kind,
        "status": voucher.status,
        "reverses": voucher.reverses,
        **texts,
        **details_of(voucher),
        **more,
    }


def transaction_fields(transaction: Transaction, text: TransactionText) -> dict[str, Any]:
    """The journal's fields of a transaction (kind “transaction”), for one row or a batch of them."""
    return {
        "program": transaction.program,
        "kind": transaction.kind,
        "fiscal_year": transaction.fiscal_year,
        "reverses": transaction.reverses,
        "version": transaction.version,
        "statement": transaction.statement,
        "provenance": transaction.provenance,
        "purpose": transaction.purpose,
        "import_key": transaction.import_key,
        "excess": transaction.excess,
        **{name: getattr(text, name) for name in TEXTS},
        **details_of(transaction),
    }


def said_sums(sums: Iterable[Money]) -> list[list[Any]]:
    """What a batch comes to, in the currencies' order, as the hash and the journal have it."""
    return [[one.currency, one.plain] for one in sorted(sums, key=lambda money: money.currency)]


def canonical(
    version: VoucherVersion, text: VersionText, evidence: Iterable[str], sums: Iterable[Money] = ()
) -> bytes:
    """The content of a version as canonical JSON (RFC 8785); `evidence` is the files' SHA-256 in hex.

    Payee, reference and description enter through their salted digest: whoever changes one letter of them changes
    the hash, and the hash still verifies after the law has had the words erased (DESIGN §6.8).
    """
    voucher = version.voucher
    first = version.content_form == 1
    names = IN_FORM_1 if first else DETAILS
    return rfc8785.dumps(
        {
            **({} if first else {"sums": said_sums(sums)}),
            "form": version.content_form,
            "voucher": str(voucher.uid),
            "organisation": str(voucher.organisation.uid),
            "number": voucher.number,
            "kind": version.kind,
            "program": plain(version.program),
            "reverses": plain(version.reverses),
            "batch_digest": version.batch_digest,
            "texts": text.digest,
            "evidence": sorted(evidence),
            **{name: plain(getattr(version, name)) for name in names},
        }
    )


def content_hash(
    version: VoucherVersion, text: VersionText, evidence: Iterable[str], sums: Iterable[Money] = ()
) -> str:
    return hashlib.sha256(canonical(version, text, evidence, sums)).hexdigest()


def hash_as_stored(version: VoucherVersion) -> str:
    """The hash of what the database holds now. It differs from the version's own hash if somebody changed a word."""
    evidence = version.evidence.values_list("file__sha256", flat=True)
    sums = [row.amount for row in version.sums.all()]
    return content_hash(version, version.text, evidence, sums)

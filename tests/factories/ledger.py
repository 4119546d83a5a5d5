"""Vouchers at every stage, and the transactions that come of them."""

from datetime import date
from itertools import count

from django.core.files.base import ContentFile

from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Membership, Organisation, Role, User
from tracker.ledger import actions, policies
from tracker.ledger.content import Draft
from tracker.ledger.models import (
    Attachment,
    Authority,
    AuthorityChange,
    AuthorityStage,
    EvidenceFile,
    Transaction,
    Voucher,
    VoucherVersion,
)
from tracker.ledger.requirements import ACCEPTS
from tracker.programs.models import Program
from tracker.shared.money import Money

_numbers = count(1)
A_DAY = date(2024, 3, 15)


def money(amount: str | int | Money, currency: str = "USD") -> Money:
    return amount if isinstance(amount, Money) else Money.of(amount, currency)


def officer_of(program: Program) -> User:
    """Somebody who drafts the program's vouchers; the same person every time."""
    return _holder(program, Role.OFFICER)


def approver_of(program: Program) -> User:
    """Somebody who approves the program's vouchers; the same person every time."""
    return _holder(program, Role.APPROVER)


def _holder(program: Program, role: str) -> User:
    held = Membership.objects.filter(role=role, organisation=program.owner, status="active")
    found = held.select_related("person").order_by("person").first()
    return found.person if found else make_person(role, organisation=program.owner)


def make_file(content: bytes = b"", name: str = "", by: User | None = None) -> EvidenceFile:
    """A stored file; without content a text of its own."""
    number = next(_numbers)
    return actions.store_file(
        file=ContentFile(content or f"Invoice {number}".encode()),
        name=name or f"invoice-{number}.txt",
        content_type="text/plain",
        by=by or make_person(Role.OFFICER),
    )


def make_attachment(
    voucher: Voucher,
    name: str = "invoice.txt",
    content: bytes = b"",
    document_type: str = "",
    **says,
) -> Attachment:
    """A file of the type that the voucher's kind requires first, if nothing else is said."""
    by = voucher.created_by
    return actions.attach_file(
        voucher=voucher,
        file=make_file(content, name, by),
        name=name,
        document_type=document_type or fitting(voucher),
        by=by,
        **says,
    )


def fitting(voucher: Voucher) -> str:
    """A type of document that meets the first requirement that is not met yet."""
    missing = policies.unmet(voucher, policies.types_on(voucher)) or policies.required_of(voucher)
    return _type_for(missing[0])


def _type_for(requirement: str) -> str:
    return "correspondence" if requirement == "any" else min(ACCEPTS[requirement])


def furnish(voucher: Voucher) -> Voucher:
    """Attach what the voucher's kind requires and what is not there, each a file of its own."""
    voucher.refresh_from_db(fields=["form", "valuation_basis"])
    for requirement in policies.unmet(voucher, policies.types_on(voucher)):
        kind = _type_for(requirement)
        make_attachment(voucher, f"{kind}.txt", document_type=kind, document_date=A_DAY)
    return voucher


def make_voucher(program: Program | None = None, kind: str = "commitment", **says) -> Voucher:
    """A draft. `says` are fields of Draft; a commitment of 1000.00 USD if nothing else is said."""
    program = program or make_program()
    number = says.pop("number", "")
    by = says.pop("by", None) or officer_of(program)
    defaults = {"amount": money("1000.00"), "value_date": A_DAY, "payee": "A supplier"}
    draft = Draft(**defaults | says)
    return actions.create_voucher(program=program, kind=kind, draft=draft, number=number, by=by)


def make_voucher_at(status: str, program: Program | None = None, **says) -> Voucher:
    """A voucher that walked to the status: draft, submitted, returned, posted or withdrawn."""
    voucher = make_voucher(program, **says)
    if status == "withdrawn":
        return actions.withdraw_voucher(voucher=voucher, by=voucher.created_by)
    if status != "draft":
        version = submit(voucher)
        if status == "posted":
            approve(version)
        if status == "returned":
            by = approver_of(voucher.program)
            actions.return_voucher(version=version, reason="The invoice is missing.", by=by)
    voucher.refresh_from_db()
    assert voucher.status == status
    return voucher


def submit(voucher: Voucher) -> VoucherVersion:
    """Furnished with the documents that it requires, and submitted."""
    return actions.submit_voucher(voucher=furnish(voucher), by=voucher.created_by)


def approve(version: VoucherVersion, by: User | None = None) -> Transaction:
    """Approved and posted: its transaction."""
    actions.approve_voucher(version=version, by=by or approver_of(version.voucher.program))
    return Transaction.objects.get(version=version)


def make_commitment(program: Program | None = None, amount="1000.00", **says) -> Transaction:
    return approve(submit(make_voucher(program, "commitment", amount=money(amount), **says)))


def make_disbursement(
    commitment: Transaction | None = None, amount="100.00", **says
) -> Transaction:
    """Paid from the commitment, in its currency."""
    commitment = commitment or make_commitment()
    paid = money(amount, commitment.currency)
    voucher = make_voucher(
        commitment.program, "disbursement", amount=paid, draws_on=commitment, **says
    )
    return approve(submit(voucher))


def post(
    program: Program, kind: str, amount="100.00", currency: str = "USD", **says
) -> Transaction:
    """A transaction of any kind, drafted, submitted and approved. Without `amount` it is unvalued."""
    if amount is not None:
        says["amount"] = money(amount, currency)
    else:
        says |= {"amount": None, "valuation_basis": "unvalued", "form": says.get("form", "goods")}
    return approve(submit(make_voucher(program, kind, **says)))


IN_KIND = {
    "form": "goods",
    "valuation_basis": "acquisition_cost",
    "valuation_date": A_DAY,
    "delivery_point": "title_transfer",
}


def make_chain(program: Program | None = None, amount="100.00", **says) -> list[Transaction]:
    """A pledge, its commitment, a payment, its receipt and what was used of it, all of the same amount."""
    program, chain = program or make_program(), []
    for kind in ("pledge", "commitment", "disbursement", "receipt", "expenditure"):
        parent = chain[-1] if chain else None
        chain.append(post(program, kind, amount, draws_on=parent, **says))
    return chain


def make_reversal(original: Transaction, reason: str = "Paid twice.") -> Transaction:
    by = officer_of(original.program)
    voucher = actions.draft_reversal(transaction=original, reason=reason, value_date=A_DAY, by=by)
    return approve(submit(voucher))


def edit(voucher: Voucher, by: User | None = None, **says) -> Voucher:
    """Change some of what a draft says."""
    said = {name: getattr(voucher, name) for name in Draft.__dataclass_fields__} | says
    if "amount" in says:
        said["currency"] = ""
    by = by or voucher.created_by
    return actions.edit_voucher(voucher=voucher, draft=Draft(**said), by=by)


# --- Authorities -----------------------------------------------------------


def person_of(organisation: Organisation, role: str) -> User:
    """Somebody who holds the role over the organisation; the same person every time."""
    held = {"memberships__role": role, "memberships__organisation": organisation}
    found = User.objects.filter(**held, memberships__status="active").order_by("pk").first()
    return found or make_person(role, organisation=organisation)


def make_authority(organisation: Organisation, **says) -> Authority:
    """An appropriation in USD, for aid, without a ceiling."""
    defaults = {
        "title": f"Authority {next(_numbers)}",
        "legal_basis": "Aid Act, section 12",
        "kind": "appropriation",
        "currency": "USD",
        "by": person_of(organisation, Role.OFFICER),
    }
    return actions.create_authority(organisation=organisation, **defaults | says)


def propose(authority: Authority, kind: str, amount, fiscal_year: int = 2024, **says):
    """A change of a ceiling that waits for the second person."""
    defaults = {
        "legal_reference": "Aid Act, section 12 (2)",
        "reason": "Parliament decided so.",
        "stated_on": A_DAY,
        "by": person_of(authority.organisation, Role.OFFICER),
    }
    return actions.propose_ceiling(
        authority=authority,
        kind=kind,
        fiscal_year=fiscal_year,
        amount=money(amount, authority.currency),
        **defaults | says,
    )


def propose_dates(authority: Authority, **says) -> AuthorityChange:
    dates = actions.Dates(
        **{name: says.pop(name) for name in list(says) if name.startswith("availab")}
    )
    defaults = {
        "legal_reference": "Aid Act, section 12 (3)",
        "reason": "Parliament extended it.",
        "stated_on": A_DAY,
        "by": person_of(authority.organisation, Role.OFFICER),
    }
    return actions.propose_availability(authority=authority, dates=dates, **defaults | says)


def confirm(change: AuthorityChange, by: User | None = None) -> AuthorityChange:
    """The second person's yes."""
    by = by or person_of(change.authority.organisation, Role.APPROVER)
    actions.decide_change(change=change, confirm=True, by=by)
    return AuthorityChange.objects.select_related("authority", "decision").get(pk=change.pk)


def set_ceiling(authority: Authority, amount, fiscal_year: int = 2024) -> AuthorityChange:
    return confirm(propose(authority, "set", amount, fiscal_year))


def make_stage(authority: Authority, stage: str = "appropriated", **says) -> AuthorityStage:
    defaults = {
        "fiscal_year": 2024,
        "amount": money("9000.00", authority.currency or "USD"),
        "stated_on": A_DAY,
        "citation": "Appropriation Act 2024, page 3",
        "by": person_of(authority.organisation, Role.OFFICER),
    }
    return actions.state_stage(authority=authority, stage=stage, **defaults | says)

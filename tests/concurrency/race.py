"""What every runner of a race does, and what must be true when all have finished."""

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.accounts.models import User
from tracker.journal import projections
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    Authority,
    AuthorityYear,
    Balance,
    Transaction,
    Turnover,
    VoucherStatus,
    VoucherVersion,
)
from tracker.shared.errors import NotAllowed, Refused


def approve_one(uid: str, by: User) -> str:
    """Approve one version and say in a line what came of it: posted, signed (another signature is needed), or why not."""
    version = VoucherVersion.objects.get(uid=uid)
    try:
        approval = actions.approve_voucher(version=version, by=by)
    except (Refused, NotAllowed) as refusal:
        return f"refused: {getattr(refusal, 'sentence', refusal)}"
    except Exception as error:
        return f"broken: {error!r}"
    posted = approval.version.voucher.status == VoucherStatus.POSTED
    return "posted" if posted else "signed"


def prepare(count: int, amount: str = "100.00", committed: str = "550.00"):
    """A commitment and more submitted disbursements than it can pay: (commitment, approver, versions)."""
    commitment = make.make_commitment(amount=committed)
    approver = make.approver_of(commitment.program)
    says = {"draws_on": commitment, "amount": make.money(amount)}
    vouchers = [make.make_voucher(commitment.program, "disbursement", **says) for _ in range(count)]
    return commitment, approver, [make.submit(voucher) for voucher in vouchers]


def check_nothing_is_overdrawn(commitment: Transaction, told: list[str], winners: int) -> None:
    broken = [line for line in told if line.startswith("broken")]
    assert not broken, broken
    assert told.count("posted") == winners
    losers = [line for line in told if line.startswith("refused")]
    assert len(losers) == len(told) - winners
    assert all("is left" in line or "that much left" in line for line in losers), losers
    rows = Transaction.objects.filter(draws_on=commitment)
    drawn = sum(row.amount.minor for row in rows)
    balance = Balance.objects.get(transaction=commitment)
    turnover = Turnover.objects.get(program=commitment.program, kind="disbursement")
    assert rows.count() == winners
    assert drawn == balance.drawn.minor == turnover.amount.minor <= balance.value.minor


def prepare_ceiling(count: int, amount: str = "100.00", ceiling: str = "550.00"):
    """A ceiling and more submitted commitments than it bears: (authority, approver, versions)."""
    program = make_program()
    authority = make.make_authority(program.owner)
    make.set_ceiling(authority, ceiling)
    says = {"authority": authority, "amount": make.money(amount)}
    vouchers = [make.make_voucher(program, "commitment", **says) for _ in range(count)]
    return authority, make.approver_of(program), [make.submit(voucher) for voucher in vouchers]


def check_no_ceiling_is_exceeded(authority: Authority, told: list[str], winners: int) -> None:
    broken = [line for line in told if line.startswith("broken")]
    assert not broken, broken
    assert told.count("posted") == winners
    losers = [line for line in told if line.startswith("refused")]
    assert len(losers) == len(told) - winners
    assert all("left under the ceiling" in line or "that much left" in line for line in losers)
    year = AuthorityYear.objects.get(authority=authority)
    assert Transaction.objects.filter(authority=authority).count() == winners
    assert queries.headroom(authority, year.fiscal_year) == queries.years_of(authority)
    assert year.committed.minor <= year.ceiling.minor


def prepare_chain(count: int):
    """A paid and received commitment, and vouchers of every kind that all draw on it: (commitment, approver, versions)."""
    commitment = make.make_commitment(amount="1000.00")
    program = commitment.program
    paid = make.make_disbursement(commitment, "500.00")
    receipt = make.post(program, "receipt", "300.00", draws_on=paid)
    refund = make.post(program, "refund", "50.00", draws_on=receipt)
    asked = []
    for _ in range(count):
        asked += [
            *((kind, parent) for kind in ("refund", "write_off") for parent in (paid, receipt)),
            *(("disbursement", commitment), ("receipt", paid), ("expenditure", receipt)),
        ]
    vouchers = [
        make.make_voucher(program, kind, draws_on=parent, amount=make.money("90.00"))
        for kind, parent in asked
    ]
    versions = [make.submit(voucher) for voucher in vouchers]
    back = make.actions.draft_reversal(
        transaction=refund, reason="Error.", value_date=make.A_DAY, by=make.officer_of(program)
    )
    return commitment, make.approver_of(program), [make.submit(back), *versions]


def check_the_chain_holds(commitment: Transaction, told: list[str]) -> None:
    broken = [line for line in told if line.startswith("broken")]
    assert not broken, broken
    assert told.count("posted") > 2
    for balance in Balance.objects.filter(transaction__program=commitment.program):
        assert 0 <= balance.drawn.minor <= balance.value.minor
    wrong = projections.differences(erased=lambda entry: False, only={"balance", "turnover"})
    assert list(wrong) == []

"""The tables that the ledger's triggers name, and what both engines call different."""

TRANSACTION, BALANCE, TURNOVER = (
    "tracker_transaction",
    "tracker_balance",
    "tracker_turnover",
)
APPROVAL, VERSION, EDIT = (
    "tracker_approval",
    "tracker_voucherversion",
    "tracker_voucheredit",
)
VOUCHER, RETURN = "tracker_voucher", "tracker_return"
AUTHORITY, YEAR = "tracker_authority", "tracker_authorityyear"
LIMIT, SIGNING_DECISION = "tracker_signinglimit", "tracker_signingdecision"
DELEGATION, DELEGATION_END = "tracker_delegation", "tracker_delegationend"
INTEREST, INTEREST_END = "tracker_interestdeclaration", "tracker_interestend"
EMERGENCY, EMERGENCY_REVIEW = "tracker_emergencyposting", "tracker_emergencyreview"
SUM = "tracker_versionsum"
CHANGE, DECISION = "tracker_authoritychange", "tracker_authoritydecision"
STATEMENT, DISCREPANCY = "tracker_statement", "tracker_discrepancy"
STEP, STATE = "tracker_discrepancystep", "tracker_discrepancystate"
PERIOD, CERTIFICATION = "tracker_period", "tracker_certification"
PERIOD_CHANGE, PERIOD_DECISION = "tracker_periodchange", "tracker_perioddecision"
BOOKS = "books of organisation "  # and its key: the lock that posting shares and closing holds


def differs(*columns: str) -> str:
    """IS DISTINCT FROM, in words that both engines know."""
    return " OR ".join(
        f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))" for c in columns
    )


def same(alias: str, *columns: str) -> str:
    """The other row says what the new one says, null included."""
    return " AND ".join(
        f"({alias}.{c} = NEW.{c} OR ({alias}.{c} IS NULL AND NEW.{c} IS NULL))" for c in columns
    )


def commitment_of_refund(parent: str = "NEW.draws_on_id") -> str:
    """The commitment that a refund comes back to, from the commitment, payment or receipt that it draws on."""
    return (
        f"(SELECT CASE p.kind WHEN 'commitment' THEN p.id WHEN 'disbursement' THEN p.draws_on_id "
        f"ELSE (SELECT d.draws_on_id FROM {TRANSACTION} d WHERE d.id = p.draws_on_id) END "
        f"FROM {TRANSACTION} p WHERE p.id = {parent})"
    )

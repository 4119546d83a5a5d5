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
CHANGE, DECISION = "tracker_authoritychange", "tracker_authoritydecision"


def differs(*columns: str) -> str:
    """IS DISTINCT FROM, in words that both engines know."""
    return " OR ".join(
        f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))" for c in columns
    )

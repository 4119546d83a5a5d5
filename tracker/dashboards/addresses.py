"""Where the things of the other rooms have their pages: one place that knows, so that no query builds an address."""

from uuid import UUID

from django.urls import reverse

from tracker.ledger.models import Voucher

DESK = "/desk/"
PORTFOLIO = "/desk/portfolio/"
PROGRAMS = "/desk/programs/"
VOUCHERS = "/desk/vouchers/"
LEDGER = "/desk/ledger/"
ACCOUNTS = "/desk/accounts/"
RECONCILIATION = "/desk/reconciliation/"
AUTHORITIES = "/desk/authorities/"
SIGNING = "/desk/signing/"
INTERESTS = "/desk/interests/"
EMERGENCIES = "/desk/emergencies/"
DELEGATIONS = "/desk/delegations/"
REVALUATIONS = "/desk/revaluations/"
DISPATCHES = "/desk/dispatches/"
DISCREPANCIES = "/desk/discrepancies/"
WAIVERS = "/desk/waivers/"
PERIODS = "/desk/periods/"
RECOMMENDATIONS = "/desk/recommendations/"
FINDINGS = "/desk/findings/"
AUDITS = "/desk/audits/"
AUDIT_PLAN = "/desk/audits/plan/"
OFFICE_REPORTS = "/desk/audits/reports/"
PUBLISHING = "/desk/publishing/"
PUBLISHING_FINDINGS = "/desk/publishing/findings/"
BROKEN_GLASS = "/desk/publishing/glass/"
REPORTS = "/desk/reports/"
WITHHOLDINGS = "/desk/withholdings/"
UPLOADS = "/desk/uploads/"
PEOPLE = "/desk/people/"
ROLES = "/desk/people/roles/"
INVITATIONS = "/desk/people/invitations/"


def of_program(uid: UUID) -> str:
    return reverse("dashboards:program", args=[uid])


def of_transaction(uid: UUID) -> str:
    return reverse("dashboards:transaction", args=[uid])


def of_voucher(voucher: Voucher) -> str:
    """A batch is read and decided on the page of its upload. Load `upload` with the voucher."""
    upload = getattr(voucher, "upload", None)
    return f"/desk/vouchers/{voucher.uid}/" if upload is None else of_upload(upload.uid)


def of_authority(uid: UUID) -> str:
    return f"/desk/authorities/{uid}/"


def of_signing(organisation: UUID) -> str:
    return f"/desk/signing/{organisation}/"


def of_delegation(uid: UUID) -> str:
    return f"/desk/delegations/{uid}/"


def of_revaluation(uid: UUID) -> str:
    return f"/desk/revaluations/{uid}/"


def of_dispatch(uid: UUID) -> str:
    return f"/desk/dispatches/{uid}/"


def of_use(receipt: UUID) -> str:
    return f"/desk/use/{receipt}/"


def of_discrepancy(uid: UUID) -> str:
    return f"/desk/discrepancies/{uid}/"


def of_interest(declaration: UUID) -> str:
    return f"/desk/interests/{declaration}/"


def of_emergency(uid: UUID) -> str:
    return f"/desk/emergencies/{uid}/"


def of_period(uid: UUID) -> str:
    return f"/desk/periods/{uid}/"


def certification_of(period: UUID, program: UUID) -> str:
    return f"/desk/periods/{period}/programs/{program}/"


def of_publishing(program: UUID) -> str:
    return f"/desk/publishing/programs/{program}/"


def of_publishing_finding(uid: UUID) -> str:
    return f"/desk/publishing/findings/{uid}/"


def of_upload(uid: UUID) -> str:
    return f"/desk/uploads/{uid}/"


def of_report(uid: UUID) -> str:
    return f"/desk/reports/{uid}/"


def of_finding(uid: UUID) -> str:
    return f"/desk/findings/{uid}/"


def of_recommendation(uid: UUID) -> str:
    return f"/desk/recommendations/{uid}/"


def of_preparation(uid: UUID) -> str:
    return f"/desk/publishing/preparations/{uid}/"


def of_withholding(uid: UUID) -> str:
    return f"/desk/withholdings/{uid}/"


def of_evidence(uid: UUID) -> str:
    return f"/desk/evidence/{uid}/"


def of_indicator(uid: UUID) -> str:
    return f"/desk/indicators/{uid}/"


def of_person(uid: UUID) -> str:
    return f"/desk/people/{uid}/"


def of_record(uid: UUID) -> str:
    return f"/desk/records/{uid}/"


def of_program_edit(uid: UUID) -> str:
    return f"/desk/programs/{uid}/edit/"


def of_reversal(transaction: UUID) -> str:
    return f"/desk/transactions/{transaction}/reverse/"


def of_revaluing(transaction: UUID) -> str:
    return f"/desk/transactions/{transaction}/revalue/"


def of_other_values(transaction: UUID) -> str:
    return f"/desk/transactions/{transaction}/values/"

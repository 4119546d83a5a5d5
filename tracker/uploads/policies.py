"""Who may do what with uploads, and what can be done with them at all."""

from tracker.accounts.models import SIGNERS, Organisation, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.ledger import policies as ledger
from tracker.ledger.models import VoucherVersion
from tracker.programs.models import Participation
from tracker.shared.errors import Refused
from tracker.shared.states import check_transition
from tracker.uploads.models import UPLOAD_TRANSITIONS, RowState, Upload, UploadStatus


def check_can_upload(user: User, organisation: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=organisation, to="upload files")


def check_can_check(user: User, upload: Upload) -> None:
    check_can_upload(user, upload.organisation)
    if upload.stands != UploadStatus.CHECKING:
        raise Refused(f"This upload is {upload.stands_said}: there is nothing left to check.")


def check_can_submit(user: User, upload: Upload) -> None:
    check_can_upload(user, upload.organisation)
    if upload.stands == UploadStatus.CHECKING:
        raise Refused("The file is still being checked: continue until every row was read.")
    check_transition(UPLOAD_TRANSITIONS, upload.stands, UploadStatus.SUBMITTED)
    if upload.rows_wrong:
        rows = (
            "1 row has an error"
            if upload.rows_wrong == 1
            else f"{upload.rows_wrong} rows have errors"
        )
        raise Refused(
            f"{rows}: correct the file, discard this upload, and upload the corrected file. "
            "Nothing of a file is posted before all of it is right."
        )
    if not upload.rows_good:
        raise Refused("Every row of this file was posted before: there is nothing to submit.")
    check_has_no_interest(user, upload, "submit")


def check_has_no_interest(user: User, upload: Upload, to: str) -> None:
    """The rule of every voucher, for the payees of all rows, their programs' parties and the recipients proposed."""
    interests = ledger.Interests.of(user)
    if not interests:
        return
    rows = upload.rows.filter(state=RowState.GOOD).order_by()
    names = set(rows.values_list("payee", flat=True).distinct())
    rules, proposed = upload.mapping.get("programs", {}), upload.facts.get("tally", {})
    names |= {one["recipient"] for one in proposed.get("programs", {}).values()}
    names.add(rules.get("donor") or "")
    pattern = rules.get("identifier") or "{code}"
    codes = rows.values_list("program_code", flat=True).distinct()
    known = {pattern.format(code=code) for code in codes} | {rules.get("existing") or ""}
    parties = Participation.objects.filter(program__identifier__in=known)
    if interests.touch(parties.values_list("organisation", flat=True), names):
        ledger.refuse_for_interest("rows of this file", to)


def check_can_discard(user: User, upload: Upload) -> None:
    check_can_upload(user, upload.organisation)
    if upload.stands == UploadStatus.SUBMITTED:
        raise Refused("The batch waits for approval: ask the approver to return it first.")
    check_transition(UPLOAD_TRANSITIONS, upload.stands, UploadStatus.DISCARDED)


def check_can_approve(
    user: User, upload: Upload, version: VoucherVersion | None
) -> ledger.Signature:
    """The rules of every voucher; besides, what the file proposes must still be proposed by an officer."""
    ledger.check_is_approver(user, upload.voucher)
    if version is None or upload.stands != UploadStatus.SUBMITTED:
        raise Refused(f"This upload is {upload.stands_said}: it has to be submitted first.")
    signature = ledger.check_can_approve(user, version)
    check_has_no_interest(user, upload, "approve")
    proposer = upload.uploaded_by
    if upload.facts.get("tally", {}).get("programs") and not holds(
        proposer, Role.OFFICER, organisation=upload.organisation
    ):
        raise Refused(
            f"The file sets up programs, and {proposer}, who uploaded it, is no longer a program officer: "
            "return it, so that another officer uploads it."
        )
    return signature


def check_can_return(user: User, upload: Upload, version: VoucherVersion | None) -> None:
    ledger.check_is_approver(user, upload.voucher)
    if version is None or upload.stands != UploadStatus.SUBMITTED:
        raise Refused(f"This upload is {upload.stands_said}: only what waits can be returned.")
    ledger.check_can_return(user, version)


def _check_role_for_posting(user: User, upload: Upload) -> None:
    check_holds(user, Role.OFFICER, *SIGNERS, organisation=upload.organisation, to="post batches")


def check_can_post(user: User, upload: Upload) -> None:
    """What was approved may be carried on by either side; the approver answers for it."""
    _check_role_for_posting(user, upload)
    if upload.stands != UploadStatus.POSTING:
        raise Refused(f"This upload is {upload.stands_said}: it is not being posted now.")


def check_can_stop(user: User, upload: Upload) -> None:
    _check_role_for_posting(user, upload)
    check_transition(UPLOAD_TRANSITIONS, upload.stands, UploadStatus.STOPPED)


def check_can_continue(user: User, upload: Upload) -> None:
    _check_role_for_posting(user, upload)
    if upload.stands != UploadStatus.STOPPED:
        raise Refused(f"This upload is {upload.stands_said}: it was not stopped.")

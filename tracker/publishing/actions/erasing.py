"""Erasing words about persons wherever the record keeps them: in the journal and in the tables built from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits.models import (
    Ask,
    AskAnswer,
    AuditPlan,
    CommentReply,
    CorrectivePlan,
    CostEvent,
    DraftComment,
    DraftReport,
    IndependenceDeclaration,
    ManagementDecision,
    Meeting,
    PaperVersion,
    RecommendationStep,
    ReviewNote,
    RiskJudgement,
    Sample,
    SampleEvaluation,
    SampleGivenUp,
    SampleResult,
)
from tracker.journal import actions as journal
from tracker.journal import queries as history
from tracker.ledger.models import (
    Certification,
    DiscrepancyStep,
    PeriodChange,
    PeriodDecision,
    Return,
    Revaluation,
    RevaluationDecision,
    Statement,
    SuppliedDocument,
    Transaction,
    Voucher,
    VoucherVersion,
    Waiver,
    WaiverDecision,
)
from tracker.publishing import policies
from tracker.publishing.models import BrokenGlass
from tracker.results.models import Measurement
from tracker.shared.errors import Refused

# Which rows keep erasable words beside them, by the kind of the entry that wrote them.
KEPT_BESIDE: dict[str, Any] = {
    "transaction": Transaction,
    "voucher_version": VoucherVersion,
    "voucher_return": Return,
    "revaluation": Revaluation,
    "revaluation_decision": RevaluationDecision,
    "statement": Statement,
    "discrepancy": DiscrepancyStep,
    "waiver": Waiver,
    "waiver_decision": WaiverDecision,
    "supplied_document": SuppliedDocument,
    "measurement": Measurement,
    "recommendation": RecommendationStep,
    "period_change": PeriodChange,
    "period_decision": PeriodDecision,
    "certification": Certification,
    "glass": BrokenGlass,
    "independence": IndependenceDeclaration,
    "meeting": Meeting,
    "draft_report": DraftReport,
    "draft_comment": DraftComment,
    "comment_reply": CommentReply,
    "paper_version": PaperVersion,
    "review_note": ReviewNote,
    "cost_event": CostEvent,
    "management_decision": ManagementDecision,
    "corrective_plan": CorrectivePlan,
    "ask": Ask,
    "ask_answer": AskAnswer,
    "risk_judgement": RiskJudgement,
    "audit_plan": AuditPlan,
    "sample": Sample,
    "sample_given_up": SampleGivenUp,
    "sample_result": SampleResult,
    "sample_evaluation": SampleEvaluation,
}


@dataclass(frozen=True)
class Erased:
    """One entry that lost values, and the entry of the decision."""

    entry: int
    decision: int
    fields: tuple[str, ...]


@transaction.atomic
def erase_words(
    *, record: UUID, fields: Iterable[str], basis: str, reason: str, by: User, confirmed_by: User
) -> list[Erased]:
    """Erase fields of a record in every entry that states them, and in the rows beside it. Cannot be undone.

    A transaction repeats the words of its voucher, so its versions and the voucher lose them too. Raises Refused
    where a field is none that may be erased, is stated nowhere, or is what the public reads today.
    """
    wanted = sorted(set(fields))
    policies.check_can_erase(by, confirmed_by, basis, reason)
    records = _repeated_in(record)
    stating = history.entries_stating(records, wanted)
    _check(record, wanted, stating)
    policies.check_not_public(records, wanted)
    erased = []
    for entry, kind, found in stating:
        decision = journal.erase(
            entry=entry, fields=found, basis=basis, reason=reason, by=by, confirmed_by=confirmed_by
        ).entry_id
        _blank_beside(kind, entry, found, decision)
        erased.append(Erased(entry, decision, tuple(found)))
    _blank_voucher(records, wanted)
    return erased


def _check(record: UUID, wanted: list[str], stating: list[tuple[int, str, list[str]]]) -> None:
    if not wanted:
        raise Refused("Name the fields whose values are to be erased, for example payee.")
    if not stating:
        raise Refused(
            f"No entry of {record} states {', '.join(wanted)}: there is nothing to erase."
        )
    for _, kind, found in stating:
        policies.check_is_erasable(kind, found)


def _repeated_in(record: UUID) -> list[UUID]:
    """The records that say the same words: a transaction's version and voucher, and the other way round."""
    voucher = (
        Voucher.objects.filter(uid=record).first()
        or Voucher.objects.filter(versions__uid=record).first()
        or Voucher.objects.filter(versions__transactions__uid=record).first()
    )
    if voucher is None:
        return [record]
    versions = voucher.versions.values_list("uid", flat=True)
    posted = Transaction.objects.filter(version__voucher=voucher)
    if posted.count() > 1:  # a batch: its rows have words of their own
        return [record]
    return [voucher.uid, *versions, *posted.values_list("uid", flat=True)]


def _blank_beside(kind: str, entry: int, fields: list[str], decision: int) -> None:
    model = KEPT_BESIDE.get(kind)
    row: Any = model and model.objects.filter(entry_id=entry).select_related("text").first()
    if row is None:
        return
    for name in fields:
        setattr(row.text, name, "")
    row.text.salt = ""  # with it and the digest, a short word could be guessed again
    row.text.erased_by_id = decision
    row.text.save(update_fields=[*fields, "salt", "erased_by"])


def _blank_voucher(records: list[UUID], fields: list[str]) -> None:
    """The draft keeps a working copy of the words."""
    words = [name for name in fields if name in policies.ERASABLE["voucher"]]
    if words:
        Voucher.objects.filter(uid__in=records).update(**dict.fromkeys(words, ""))

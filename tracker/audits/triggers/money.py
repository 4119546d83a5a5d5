"""The money of a finding, in the database: divided exactly, never above what it divides, never on one person's word."""

from tracker.audits.triggers.words import FINDING, STEP, frozen_with_its_finding
from tracker.shared import locks
from tracker.shared.triggers import Forbid, Trigger

RECORD, LINE, BETTER = "tracker_findingrecord", "tracker_questionedline", "tracker_betteruse"
EVENT, DECISION = "tracker_costevent", "tracker_managementdecision"
ASK, ANSWER = "tracker_ask", "tracker_askanswer"
TRANSACTION, LINK = "tracker_transaction", "tracker_findinglink"

_TABLES = {
    "voucher_version": "tracker_voucherversion",
    "statement": "tracker_statement",
    "discrepancy": "tracker_discrepancy",
    "authority": "tracker_authority",
    "program": "tracker_program",
    "measurement": "tracker_measurement",
    "period": "tracker_period",
    "certification": "tracker_certification",
    "revaluation": "tracker_revaluation",
}
_EXISTS = " ".join(
    f"WHEN '{kind}' THEN EXISTS (SELECT 1 FROM {table} t WHERE t.uid = NEW.record)"
    for kind, table in _TABLES.items()
)


def _named(what: str, key: str) -> str:
    """The number of the lock that whoever writes about this row takes."""
    return locks.named(f"'{what} ' || {key}")


def _sum(column: str, table: str, where: str) -> str:
    return f"COALESCE((SELECT SUM(x.{column}) FROM {table} x WHERE {where}), 0)"


def standing(where: str) -> str:
    """What was accepted and not reversed."""
    return _sum(
        "amount",
        EVENT,
        f"x.step = 'accepted' AND {where} "
        f"AND NOT EXISTS (SELECT 1 FROM {EVENT} r WHERE r.answers_id = x.id)",
    )


PARTS: list[Trigger] = [
    *frozen_with_its_finding(RECORD, "finding_record", "records", ("finding_id", "kind", "record")),
    *frozen_with_its_finding(LINE, "questioned_line", "costs", ("finding_id", "position")),
    *frozen_with_its_finding(BETTER, "better_use", "funds", ("finding_id", "position")),
    Forbid(
        "finding_record_exists",
        RECORD,
        "finding_record_exists: a finding points at a record that is there",
        f"NOT (CASE NEW.kind {_EXISTS} ELSE 1 = 0 END)",
    ),
    Forbid(
        "questioned_line_within_its_payment",
        LINE,
        "questioned_line_within_its_payment: of a payment, no more is questioned than it is, and only of a linked one",
        "NEW.transaction_id IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {LINK} l JOIN {TRANSACTION} t ON t.id = l.transaction_id "
        "WHERE l.finding_id = NEW.finding_id AND t.id = NEW.transaction_id "
        "AND t.reverses_id IS NULL AND t.currency = NEW.currency AND NEW.known + "
        + _sum("known", LINE, "x.finding_id = NEW.finding_id AND x.transaction_id = t.id")
        + " <= t.amount)",
    ),
    Forbid(
        "questioned_line_in_one_currency",
        LINE,
        "questioned_line_in_one_currency: the costs of a finding are in its currency",
        f"NOT EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = NEW.finding_id "
        "AND f.currency = NEW.currency)",
    ),
    Forbid(
        "better_use_in_one_currency",
        BETTER,
        "better_use_in_one_currency: funds put to better use are in one currency",
        f"EXISTS (SELECT 1 FROM {BETTER} x WHERE x.finding_id = NEW.finding_id "
        "AND x.currency <> NEW.currency)",
    ),
]

_OF_NEW = "x.finding_id = NEW.id"
_ISSUING = "OLD.status <> 'issued' AND NEW.status = 'issued' AND "
ISSUE: list[Trigger] = [
    Forbid(
        "finding_issued_with_its_kind",
        FINDING,
        "finding_issued_with_its_kind: what is issued says which type of finding it is",
        f"{_ISSUING} NEW.kind = ''",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_issued_adds_up",
        FINDING,
        "finding_issued_adds_up: what is questioned is the sum of its lines",
        f"{_ISSUING} EXISTS (SELECT 1 FROM {LINE} x WHERE {_OF_NEW}) "
        f"AND COALESCE(NEW.questioned, -1) <> {_sum('known', LINE, _OF_NEW)}",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_issued_with_a_link",
        FINDING,
        "finding_issued_with_a_link: a finding points at an exact record",
        f"{_ISSUING} NOT EXISTS (SELECT 1 FROM {LINK} x WHERE {_OF_NEW}) "
        f"AND NOT EXISTS (SELECT 1 FROM {RECORD} x WHERE {_OF_NEW})",
        forbidden="UPDATE",
    ),
    *(
        Forbid(
            f"finding_repeats_an_issued_one_{event.lower()}",
            FINDING,
            "finding_repeats_an_issued_one: only an earlier issued finding is repeated, so that no circle arises",
            "NEW.repeats_id IS NOT NULL AND (NEW.repeats_id = NEW.id OR NOT EXISTS "
            f"(SELECT 1 FROM {FINDING} f WHERE f.id = NEW.repeats_id AND f.status = 'issued'))",
            forbidden=event,
        )
        for event in ("INSERT", "UPDATE")
    ),
]

# Two acceptances at the same moment: the second waits for the first, and then sees it.
_BY_FINDING = f"pg_advisory_xact_lock({_named('finding', 'NEW.finding_id')})"
_BY_TRANSACTION = f"pg_advisory_xact_lock({_named('settling', 'COALESCE(NEW.transaction_id, 0)')})"
_COUNTS = "NEW.step IN ('claimed', 'accepted')"
_CLAIM = f"{EVENT} c WHERE c.id = NEW.answers_id"
_SAME = (
    "c.finding_id = NEW.finding_id AND c.outcome = NEW.outcome AND c.currency = NEW.currency "
    "AND COALESCE(c.transaction_id, 0) = COALESCE(NEW.transaction_id, 0)"
)
_IN_FORCE = f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} r WHERE r.reverses_id = t.id)"
_LATEST = (
    f"SELECT d.disallowed FROM {DECISION} d WHERE d.finding_id = NEW.finding_id "
    f"AND NOT EXISTS (SELECT 1 FROM {DECISION} n WHERE n.revises_id = d.id)"
)

WATERFALL: list[Trigger] = [
    Forbid(
        "cost_event_of_an_issued_finding",
        EVENT,
        "cost_event_of_an_issued_finding: only what an issued finding questions is settled, in its currency",
        f"NOT EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = NEW.finding_id "
        "AND f.status = 'issued' AND f.questioned IS NOT NULL AND f.currency = NEW.currency)",
    ),
    Forbid(
        "cost_event_answers_what_it_fits",
        EVENT,
        "cost_event_answers_what_it_fits: an open claim is accepted or declined, a standing acceptance reversed",
        "NEW.step <> 'claimed' AND NOT EXISTS "
        f"(SELECT 1 FROM {_CLAIM} AND {_SAME} AND CASE NEW.step "
        "WHEN 'reversed' THEN c.step = 'accepted' AND c.amount = NEW.amount "
        "WHEN 'accepted' THEN c.step = 'claimed' AND c.amount >= NEW.amount "
        "ELSE c.step = 'claimed' AND c.amount = NEW.amount END)",
    ),
    Forbid(
        "cost_event_nobody_answers_their_own",
        EVENT,
        "cost_event_nobody_answers_their_own: who claims that a cost is settled neither accepts nor reverses it",
        f"EXISTS (SELECT 1 FROM {_CLAIM} AND c.step = 'claimed' AND c.taken_by_id = NEW.taken_by_id) "
        f"OR EXISTS (SELECT 1 FROM {EVENT} c JOIN {EVENT} a ON a.answers_id = c.id "
        "WHERE a.id = NEW.answers_id AND c.taken_by_id = NEW.taken_by_id)",
    ),
    Forbid(
        "cost_event_never_above_questioned",
        EVENT,
        "cost_event_never_above_questioned: no more is settled than was questioned",
        f"{_COUNTS} AND EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = NEW.finding_id "
        f"AND f.questioned < NEW.amount + {standing('x.finding_id = NEW.finding_id')})",
        lock=_BY_FINDING,
    ),
    Forbid(
        "cost_event_money_came_back",
        EVENT,
        "cost_event_money_came_back: a refund or reversal in force brings it back, a write-off writes it off",
        f"{_COUNTS} AND NEW.transaction_id IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id AND t.currency = NEW.currency "
        "AND CASE NEW.outcome "
        f"WHEN 'refunded' THEN (t.kind = 'refund' AND t.reverses_id IS NULL AND {_IN_FORCE}) "
        "OR (t.reverses_id IS NOT NULL AND t.kind IN ('disbursement', 'expenditure')) "
        f"WHEN 'written_off' THEN t.kind = 'write_off' AND t.reverses_id IS NULL AND {_IN_FORCE} "
        "ELSE 1 = 0 END)",
    ),
    Forbid(
        "cost_event_never_above_its_transaction",
        EVENT,
        "cost_event_never_above_its_transaction: a transaction settles its own amount once, in all findings together",
        f"{_COUNTS} AND NEW.transaction_id IS NOT NULL AND EXISTS "
        f"(SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id AND ABS(t.amount) < NEW.amount + "
        f"{standing('x.transaction_id = NEW.transaction_id')})",
        lock=_BY_TRANSACTION,
    ),
    Forbid(
        "cost_event_recovered_within_disallowed",
        EVENT,
        "cost_event_recovered_within_disallowed: no more comes back than management disallowed",
        f"NEW.step = 'accepted' AND NEW.outcome = 'refunded' AND ({_LATEST}) < NEW.amount + "
        + standing("x.finding_id = NEW.finding_id AND x.outcome = 'refunded'"),
    ),
]

DECISIONS: list[Trigger] = [
    Forbid(
        "decision_divides_what_was_found",
        DECISION,
        "decision_divides_what_was_found: it divides what the issued finding questions, and its funds put to better use",
        f"NOT EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = NEW.finding_id AND f.status = 'issued' "
        "AND COALESCE(f.questioned, -1) = COALESCE(NEW.questioned, -1) "
        "AND (f.questioned IS NULL OR f.currency = NEW.currency)) "
        f"OR COALESCE(NEW.better_use, 0) <> {_sum('amount', BETTER, 'x.finding_id = NEW.finding_id')} "
        f"OR EXISTS (SELECT 1 FROM {BETTER} x WHERE x.finding_id = NEW.finding_id "
        "AND x.currency <> NEW.better_currency)",
    ),
    Forbid(
        "decision_revises_the_last",
        DECISION,
        "decision_revises_the_last: a finding has one decision that counts, and a new one revises it",
        "CASE WHEN NEW.revises_id IS NULL THEN EXISTS "
        f"(SELECT 1 FROM {DECISION} d WHERE d.finding_id = NEW.finding_id) ELSE NOT EXISTS "
        f"(SELECT 1 FROM {DECISION} d WHERE d.id = NEW.revises_id AND d.finding_id = NEW.finding_id "
        f"AND NOT EXISTS (SELECT 1 FROM {DECISION} n WHERE n.revises_id = d.id)) END",
        lock=_BY_FINDING,
    ),
    Forbid(
        "decision_not_by_who_answers",
        DECISION,
        "decision_not_by_who_answers: who answered or claimed for the audited side does not decide for it",
        f"EXISTS (SELECT 1 FROM {STEP} s JOIN tracker_recommendation r ON r.id = s.recommendation_id "
        "WHERE r.finding_id = NEW.finding_id AND s.taken_by_id = NEW.decided_by_id "
        'AND (s.response <> \'\' OR (s."after" = \'implementation_claimed\' AND s."before" <> s."after"))) '
        f"OR EXISTS (SELECT 1 FROM {EVENT} c WHERE c.finding_id = NEW.finding_id "
        "AND c.step = 'claimed' AND c.taken_by_id = NEW.decided_by_id)",
    ),
    Forbid(
        "decision_covers_what_came_back",
        DECISION,
        "decision_covers_what_came_back: what was recovered already is not allowed afterwards",
        "NEW.disallowed < " + standing("x.finding_id = NEW.finding_id AND x.outcome = 'refunded'"),
    ),
]

ASKS: list[Trigger] = [
    Forbid(
        "ask_nobody_answers_their_own",
        ANSWER,
        "ask_nobody_answers_their_own: who asks does not grant",
        f"EXISTS (SELECT 1 FROM {ASK} a WHERE a.id = NEW.ask_id AND a.asked_by_id = NEW.answered_by_id)",
    ),
]

MONEY: list[Trigger] = [*PARTS, *ISSUE, *WATERFALL, *DECISIONS, *ASKS]

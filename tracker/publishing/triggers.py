"""A program that is set up is not public: the public count knows it at once. What was decided stays decided: what a
withholding covers is what two persons agreed on."""

from tracker.shared.triggers import After, Forbid, Trigger

COUNT = "tracker_unpublishedcount"

# What two persons decided. The stand-in is JSON, which neither engine compares with <>: its text is. No stand-in is
# SQL's null.
_WHAT = (
    *("program_id", "scope", "record", "record_kind", "field", "minimum_percent", "in_sums"),
    *("days", "proposed_by_id", "uid", "category", "legal_basis", "reason"),
)
_TEXTS = [(f"OLD.{name}", f"NEW.{name}") for name in _WHAT]
_TEXTS += [("CAST(OLD.stand_in AS TEXT)", "CAST(NEW.stand_in AS TEXT)")]
_CHANGED = " OR ".join(f"{a} <> {b} OR ({a} IS NULL) <> ({b} IS NULL)" for a, b in _TEXTS)

TRIGGERS: list[Trigger] = [
    Forbid(
        "withholding_covers_what_was_decided",
        "tracker_withholding",
        "withholding_covers_what_was_decided: lift the withholding and propose another one",
        _CHANGED,
        forbidden="UPDATE",
    ),
    # A trigger and no CHECK: before the rule, proposers lifted what they had proposed, and those facts stay.
    Forbid(
        "withholding_not_lifted_by_its_proposer",
        "tracker_withholding",
        "withholding_not_lifted_by_its_proposer: somebody else must lift what one proposed",
        "OLD.lifted_by_id IS NULL AND NEW.lifted_by_id = NEW.proposed_by_id",
        forbidden="UPDATE",
    ),
    Forbid(
        "withholding_never_deleted",
        "tracker_withholding",
        "withholding_never_deleted: a withholding is declined or lifted, not deleted",
        forbidden="DELETE",
    ),
    After(
        "unpublished_counts_a_new_program",
        "tracker_program",
        f"INSERT INTO {COUNT} (category, programs) VALUES ('undecided', 1) "
        f"ON CONFLICT (category) DO UPDATE SET programs = {COUNT}.programs + 1;",
    ),
    Forbid(
        "preparation_never_deleted",
        "tracker_preparation",
        "preparation_never_deleted: what was prepared is released or given up with a reason, not deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "preparation_is_frozen",
        "tracker_preparation",
        "preparation_is_frozen: what was reconciled never changes, and what was decided stays decided",
        "OLD.status <> 'prepared' OR OLD.manifest <> NEW.manifest OR OLD.sheet <> NEW.sheet "
        "OR OLD.journal_size <> NEW.journal_size OR OLD.program_id <> NEW.program_id "
        "OR OLD.prepared_by_id <> NEW.prepared_by_id OR OLD.uid <> NEW.uid "
        "OR OLD.prepared_at <> NEW.prepared_at "
        "OR COALESCE(OLD.report_id, 0) <> COALESCE(NEW.report_id, 0) "
        "OR (OLD.public_from IS NULL) <> (NEW.public_from IS NULL) "
        "OR OLD.public_from <> NEW.public_from",
        forbidden="UPDATE",
    ),
    Forbid(
        "standing_release_never_deleted",
        "tracker_standingrelease",
        "standing_release_never_deleted: a standing order is ended with a reason, not deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "standing_release_stays_ended",
        "tracker_standingrelease",
        "standing_release_stays_ended: an order that ended is history, and whose it was never changes",
        "OLD.ended_at IS NOT NULL OR OLD.engagement_id <> NEW.engagement_id "
        "OR OLD.ordered_by_id <> NEW.ordered_by_id OR OLD.uid <> NEW.uid",
        forbidden="UPDATE",
    ),
    Forbid(
        "takedown_never_deleted",
        "tracker_takedown",
        "takedown_never_deleted: what was taken down, or proposed to be, stays on the record",
        forbidden="DELETE",
    ),
    Forbid(
        "takedown_stays_decided",
        "tracker_takedown",
        "takedown_stays_decided: a takedown that was decided is history, and what it was about never changes",
        "OLD.decided_at IS NOT NULL OR OLD.release_id <> NEW.release_id OR OLD.program_id <> NEW.program_id "
        "OR OLD.raised_by_id <> NEW.raised_by_id OR OLD.uid <> NEW.uid "
        "OR (OLD.tombstone_id IS NOT NULL AND (OLD.tombstone_id <> NEW.tombstone_id OR NEW.tombstone_id IS NULL))",
        forbidden="UPDATE",
    ),
]

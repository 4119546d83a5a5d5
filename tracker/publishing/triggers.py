"""A program that is set up is not public: the public count knows it at once, whoever sets it up."""

from tracker.shared.triggers import After, Forbid, Trigger

COUNT = "tracker_unpublishedcount"

TRIGGERS: list[Trigger] = [
    After(
        "unpublished_counts_a_new_program",
        "tracker_program",
        f"INSERT INTO {COUNT} (category, programs) VALUES ('undecided', 1) "
        f"ON CONFLICT (category) DO UPDATE SET programs = {COUNT}.programs + 1;",
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

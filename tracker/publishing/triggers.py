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
]

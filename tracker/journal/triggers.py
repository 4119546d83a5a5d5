"""The log's rules that the database itself holds, on both engines. The log finds whoever switches them off."""

from tracker.shared.triggers import After, Forbid, Trigger

ENTRY, PENDING, LEAF = "tracker_entry", "tracker_pending", "tracker_leaf"
CHECKPOINT, DISCLOSURE, ERASURE = (
    "tracker_checkpoint",
    "tracker_disclosure",
    "tracker_erasure",
)
_DECIDED = f"EXISTS (SELECT 1 FROM {ERASURE} e WHERE e.target_id = OLD.entry_id)"
_BY_DECISION = "disclosure_goes_by_decision: values of an entry are erased by a decision only"

TRIGGERS: list[Trigger] = [
    After(
        "entry_is_queued",
        ENTRY,
        f"INSERT INTO {PENDING} (entry_id) VALUES (NEW.id);",
    ),
    Forbid(
        "pending_leaves_for_the_log",
        PENDING,
        "pending_leaves_for_the_log: an entry leaves the queue for its place in the log only",
        f"NOT EXISTS (SELECT 1 FROM {LEAF} l WHERE l.entry_id = OLD.entry_id)",
        forbidden="DELETE",
    ),
    Forbid(
        "pending_never_changes",
        PENDING,
        "pending_never_changes: a queued entry stays what it is",
        forbidden="UPDATE",
    ),
    Forbid(
        "leaf_without_a_gap",
        LEAF,
        "leaf_without_a_gap: an entry gets the next place in the log",
        f"NEW.seq <> COALESCE((SELECT MAX(l.seq) + 1 FROM {LEAF} l), 0)",
    ),
    Forbid(
        "checkpoint_of_what_is_there",
        CHECKPOINT,
        "checkpoint_of_what_is_there: a checkpoint counts the entries that have a place",
        f"NEW.size > COALESCE((SELECT MAX(l.seq) + 1 FROM {LEAF} l), 0)",
    ),
    Forbid(
        "checkpoint_grows",
        CHECKPOINT,
        "checkpoint_grows: a checkpoint is larger than every one before it",
        f"EXISTS (SELECT 1 FROM {CHECKPOINT} c WHERE c.size >= NEW.size)",
    ),
    *(
        Forbid(
            f"disclosure_goes_by_decision_{event.lower()}",
            DISCLOSURE,
            _BY_DECISION,
            f"NOT {_DECIDED}",
            forbidden=event,
        )
        for event in ("UPDATE", "DELETE")
    ),
]

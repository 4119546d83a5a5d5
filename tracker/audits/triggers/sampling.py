"""What was frozen, drawn and judged of a sample stays, and is what it says it is."""

from tracker.shared.triggers import Forbid, Trigger

_COVERED = (
    "SELECT 1 FROM tracker_sample s JOIN tracker_leaf l ON l.entry_id = s.entry_id "
    "JOIN tracker_checkpoint c ON c.size = NEW.checkpoint "
    "WHERE s.id = NEW.sample_id AND l.seq < c.size AND NOT EXISTS "
    "(SELECT 1 FROM tracker_checkpoint b WHERE b.size > l.seq AND b.size < c.size)"
)
_OF_THE_SCOPE = (
    "SELECT 1 FROM tracker_sampledraw d JOIN tracker_sample s ON s.id = d.sample_id "
    "JOIN tracker_engagementscope e ON e.engagement_id = s.engagement_id "
    "JOIN tracker_transaction t ON t.program_id = e.program_id "
    "WHERE d.id = NEW.draw_id AND t.id = NEW.transaction_id"
)
SAMPLES: list[Trigger] = [
    Forbid(
        "sample_drawn_by_the_next_checkpoint",
        "tracker_sampledraw",
        "sample_drawn_by_the_next_checkpoint: the seed is that of the first checkpoint over the plan's entry",
        f"NOT EXISTS ({_COVERED})",
    ),
    Forbid(
        "sample_given_up_is_not_drawn",
        "tracker_sampledraw",
        "sample_given_up_is_not_drawn: the plan was given up",
        "EXISTS (SELECT 1 FROM tracker_samplegivenup g WHERE g.sample_id = NEW.sample_id)",
    ),
    Forbid(
        "sample_drawn_is_not_given_up",
        "tracker_samplegivenup",
        "sample_drawn_is_not_given_up: what was drawn is tested and evaluated",
        "EXISTS (SELECT 1 FROM tracker_sampledraw d WHERE d.sample_id = NEW.sample_id)",
    ),
    Forbid(
        "sample_item_in_scope",
        "tracker_sampleitem",
        "sample_item_in_scope: an item is of a program that the engagement looks at",
        f"NOT EXISTS ({_OF_THE_SCOPE})",
    ),
    Forbid(
        "sample_result_continues_the_last",
        "tracker_sampleresult",
        "sample_result_continues_the_last: results of an item are counted one by one",
        "NEW.number <> 1 + (SELECT COUNT(*) FROM tracker_sampleresult r WHERE r.item_id = NEW.item_id)",
    ),
    Forbid(
        "sample_evaluated_when_every_item_is_tested",
        "tracker_sampleevaluation",
        "sample_evaluated_when_every_item_is_tested: an item has no result yet",
        "NOT EXISTS (SELECT 1 FROM tracker_sampledraw d WHERE d.sample_id = NEW.sample_id) OR EXISTS "
        "(SELECT 1 FROM tracker_sampleitem i JOIN tracker_sampledraw d ON d.id = i.draw_id "
        "WHERE d.sample_id = NEW.sample_id AND NOT EXISTS "
        "(SELECT 1 FROM tracker_sampleresult r WHERE r.item_id = i.id))",
    ),
]

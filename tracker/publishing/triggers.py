"""A program that is set up is not public: the public count knows it at once, whoever sets it up."""

from tracker.shared.triggers import After, Trigger

COUNT = "tracker_unpublishedcount"

TRIGGERS: list[Trigger] = [
    After(
        "unpublished_counts_a_new_program",
        "tracker_program",
        f"INSERT INTO {COUNT} (category, programs) VALUES ('undecided', 1) "
        f"ON CONFLICT (category) DO UPDATE SET programs = {COUNT}.programs + 1;",
    )
]

"""What the journal records of this room, and the way on which somebody acted."""

from dataclasses import dataclass

from tracker.journal.kinds import Kind
from tracker.uploads.models import Channel


@dataclass(frozen=True)
class Origin:
    """Through what somebody acted: a page, or a command run by a user of the operating system."""

    channel: str = Channel.WEB
    os_user: str = ""


WEB = Origin()

KINDS: list[Kind] = [
    Kind(
        "upload",
        (
            "organisation",
            "voucher",
            "file",
            "file_name",
            "source",
            "mapping",
            "status",
            "channel",
            "os_user",
            "rows_total",
            "rows_good",
            "rows_wrong",
            "rows_known",
            "rows_posted",
            "digest",
            "reason",
        ),
        {
            "create": "The file {file_name} was uploaded.",
            "check": "The file {file_name} was checked: {rows_good} new rows, {rows_wrong} with errors, "
            "{rows_known} posted before.",
            "submit": "The batch of {rows_good} rows was submitted.",
            "sign": "The batch was signed; it waits for another signature.",
            "approve": "The batch was approved.",
            "return": "The batch was returned with the reason: “{reason}”.",
            "stop": "Posting was stopped after {rows_posted} rows.",
            "continue": "Posting was continued after {rows_posted} rows.",
            "post": "All {rows_posted} rows were posted.",
            "discard": "The upload was discarded.",
        },
    )
]

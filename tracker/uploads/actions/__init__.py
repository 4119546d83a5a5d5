"""Every write about uploads: intake → decisions → posting."""

from tracker.uploads.actions.decisions import approve_upload, return_upload, submit_upload
from tracker.uploads.actions.intake import (
    check_next,
    check_upload,
    create_upload,
    discard_upload,
)
from tracker.uploads.actions.posting import continue_posting, post_next, stop_posting

__all__ = [
    "approve_upload",
    "check_next",
    "check_upload",
    "continue_posting",
    "create_upload",
    "discard_upload",
    "post_next",
    "return_upload",
    "stop_posting",
    "submit_upload",
]

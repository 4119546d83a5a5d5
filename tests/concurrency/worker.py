"""One process of its own: approves the versions it is told, as fast as it can. `DATABASE_URL` says where.

    python -m tests.concurrency.worker APPROVER_EMAIL START_AT VERSION_UID…

Prints one line per version: "posted", "refused: sentence" or "broken: error".
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(email: str, start_at: str, *uids: str) -> None:
    django.setup()
    from tests.concurrency.race import approve_one
    from tracker.accounts.models import User

    by = User.objects.get(email=email)
    time.sleep(max(0.0, float(start_at) - time.time()))
    for uid in uids:
        print(approve_one(uid, by), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

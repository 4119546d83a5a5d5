"""Letters by e-mail. They leave after the commit, and one that cannot be sent undoes nothing."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction


def address_of(path: str) -> str:
    """The whole address of a page, for a reader who is not on the site."""
    return f"{settings.SITE_URL}{path}"


def send(*, to: str, subject: str, text: str) -> None:
    """Post a letter when the transaction has committed. A server that does not answer is logged."""
    one_line = " ".join(subject.split())[:150]

    def post() -> None:
        send_mail(f"Countersign: {one_line}", text, None, [to])

    transaction.on_commit(post, robust=True)

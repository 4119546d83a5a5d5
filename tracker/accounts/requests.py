"""A request as staff pages know it."""

from django.http import HttpRequest

from tracker.accounts.models import User


class StaffRequest(HttpRequest):
    """Somebody is signed in: the middleware has seen to it before the view is called. For annotations only."""

    user: User

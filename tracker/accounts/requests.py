"""A request as staff pages know it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tracker.accounts.models import User
from tracker.accounts.policies import check_is_administrator
from tracker.shared.policies import permits


def standing(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether the people pages are this person's. Asked only when a staff page draws its masthead."""
    asks = SimpleLazyObject(lambda: permits(check_is_administrator, request.user))
    return {"administers": asks}


class StaffRequest(HttpRequest):
    """Somebody is signed in: the middleware has seen to it before the view is called. For annotations only."""

    user: User

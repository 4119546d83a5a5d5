"""A person's declared interests on their own account page, which lies in a lower room than the ledger."""

from typing import Any

from django import template

from tracker.accounts.models import User
from tracker.ledger.queries import interests_standing_of

register = template.Library()


@register.inclusion_tag("ledger/_my_interests.html")
def my_interests(user: User) -> dict[str, Any]:
    """What is in force, and whether the yearly declaration is due."""
    return {"standing": interests_standing_of(user)}

"""What django-allauth asks us about signing in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import url_str_to_user_pk
from django.http import HttpRequest
from django.urls import reverse

from tracker.accounts import actions
from tracker.accounts.actions.letters import address_of
from tracker.accounts.models import User

WRONG = "The e-mail address or the password is wrong. Check both; after five failures we ask you to wait for five minutes."
TOO_MANY = "There were too many failed attempts. Wait five minutes, then try again or ask for a new password."


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "incorrect_password": "This is not your password. Type it again, or sign out and ask for a new one.",
        "enter_current_password": "This is not your present password. Type it again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        """A changed password is a change like any other: locked, checked, in the journal."""
        actions.change_password(person=user, password=password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:me")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The letter's link names the person by the random identifier, and the site by its own name."""
        number, _, secret = key.partition("-")
        person = User.objects.get(pk=url_str_to_user_pk(number))
        names = {"uidb36": person.uid.hex, "key": secret}
        return address_of(reverse("account_reset_password_from_key", kwargs=names))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {"site_url": address_of("/"), **context})

"""The forms about people. They check shapes; whether something may be done, the actions decide."""

import zoneinfo
from datetime import date
from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.dates import MONTHS

from tracker.accounts import queries
from tracker.accounts.models import NEEDS_TWO, OrganisationType, Role, User
from tracker.shared.calendars import Era

PASSWORD_RULES = "At least 12 characters. Not a common password, not only digits, not close to your name or address."
EARLIEST_ERA = date(1900, 1, 1)


def add_refusal(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Put a refusal on the form: at its field where the form has it, else above all."""
    told = refusal.message_dict if hasattr(refusal, "error_dict") else {None: refusal.messages}
    for field, sentences in told.items():
        known = field if field in form.fields and field != NON_FIELD_ERRORS else None
        for sentence in sentences:
            form.add_error(known, sentence)


# --- Signing in (allauth's forms in our words) -----------------------------


def _say(form: forms.BaseForm, name: str, label: str, hint: str = "", **attrs: str) -> None:
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= attrs


def _say_new_password(form: forms.BaseForm) -> None:
    _say(form, "password1", "New password", PASSWORD_RULES)
    _say(form, "password2", "New password again")


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _say(self, "login", "E-mail address", autocomplete="username")
        _say(self, "password", "Password")


class ReauthenticateForm(allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _say(self, "password", "Password")


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", "Present password")
        _say_new_password(self)


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _say(self, "email", "E-mail address")


class NewPasswordForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _say_new_password(self)


class ResetTokenForm(allauth.UserTokenForm):
    """The link of a reset letter names the person by the random identifier."""

    def _get_user(self, uidb36: str | None) -> User | None:
        return User.objects.filter(uid=uidb36, is_active=True).first() if uidb36 else None


class AcceptForm(forms.Form):
    password = forms.CharField(
        label="Password",
        help_text=PASSWORD_RULES,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.person)
        return password

    def clean(self) -> None:
        password, again = (self.cleaned_data.get(name) for name in ("password", "again"))
        if password and again and password != again:
            self.add_error("again", "The two passwords differ. Type the same one twice.")


# --- Administrators --------------------------------------------------------


class InvitationForm(forms.Form):
    name = forms.CharField(max_length=150, help_text="As it shall appear beside what they do.")
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="At work. The invitation goes there, and they sign in with it.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        mine = queries.organisations_administered_by(by).order_by("name", "pk")
        only = mine[0] if len(mine) == 1 else None
        self.fields["organisation"] = forms.ModelChoiceField(
            mine,
            empty_label=None if only else "Choose an organisation",
            initial=only,
            help_text="For which they work.",
        )


class FindForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="The whole address with which they sign in.",
    )


class GrantForm(forms.Form):
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])

    def __init__(self, *args: Any, by: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"] = forms.ModelChoiceField(
            queries.organisations_administered_by(by).order_by("name", "pk"),
            required=False,
            empty_label="No organisation as a whole",
            label="Over all programs of",
        )
        self.fields["program"] = forms.ModelChoiceField(
            queries.programs_administered_by(by).order_by("title", "pk"),
            required=False,
            empty_label="No single program",
            label="Or over one program",
            help_text="Choose an organisation or a program, not both.",
        )

    def clean(self) -> None:
        chosen = [self.cleaned_data.get(name) for name in ("organisation", "program")]
        if not self.errors and len([one for one in chosen if one]) != 1:
            self.add_error("organisation", "Choose an organisation or a program: one of the two.")

    @property
    def waits(self) -> bool:
        return self.cleaned_data["role"] in NEEDS_TWO


class OrganisationForm(forms.Form):
    name = forms.CharField(max_length=200)
    short_name = forms.CharField(
        max_length=60, required=False, help_text="For tables, such as MoD."
    )
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *OrganisationType.choices])
    identifier = forms.CharField(
        max_length=100,
        required=False,
        help_text="Its IATI organisation identifier, such as US-GOV-11, if it has one.",
    )
    country = forms.CharField(
        max_length=2, required=False, help_text="Two letters, such as FR. Leave empty if several."
    )
    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(zoneinfo.available_timezones())],
        initial="UTC",
        help_text="Decides which day “today” is there.",
    )
    fiscal_month = forms.TypedChoiceField(
        choices=list(MONTHS.items()), coerce=int, initial=1, label="Fiscal years begin in"
    )
    named_after_end = forms.BooleanField(
        required=False,
        initial=True,
        label="A fiscal year is named after the calendar year in which it ends",
    )

    def eras(self) -> list[Era]:
        month = self.cleaned_data["fiscal_month"]
        return [Era(EARLIEST_ERA, month, self.cleaned_data["named_after_end"])] if month > 1 else []

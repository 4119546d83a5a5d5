"""The two ways an action says no. Both carry a sentence for the person who asked."""

from django.core.exceptions import PermissionDenied, ValidationError


class NotAllowed(PermissionDenied):
    """This person may not do this. Uncaught, it becomes a 403 with the sentence on the page."""


class Refused(ValidationError):
    """A rule of the domain forbids it to everybody. Views add it to the form.

    `Refused("sentence")` concerns the whole; `Refused({"amount": "sentence"})` one field.
    """

    @property
    def sentence(self) -> str:
        return " ".join(self.messages)

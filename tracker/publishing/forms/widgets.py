"""Inputs that the forms of this room share."""

from django import forms


def day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def text(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})

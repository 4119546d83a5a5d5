"""Reports: sections, pictures, comments, reasons."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from tracker.audits.models import Engagement
from tracker.programs.models import Program
from tracker.publishing.forms.widgets import day, text
from tracker.publishing.models import (
    Report,
    ReportImage,
    ReportKind,
    Shown,
)
from tracker.publishing.queries import Section, content_hash, written_sections

MAX_SECTIONS = 40


class NewReportForm(forms.Form):
    """A report's title and period. `programs`: those whose reports the person drafts."""

    program = forms.ModelChoiceField(
        queryset=Program.objects.none(), to_field_name="uid", empty_label="Choose a program"
    )
    kind = forms.TypedChoiceField(
        choices=[c for c in ReportKind.choices if c[0] != ReportKind.AUDIT],
        required=False,
        empty_value=ReportKind.PROGRESS,
    )
    title = forms.CharField(
        max_length=250, help_text="For example: Progress report, January to June 2026."
    )
    period_start = forms.DateField(label="First day of the period", widget=day())
    period_end = forms.DateField(label="Last day of the period", widget=day())

    def __init__(self, *args: Any, programs: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs.order_by("title", "pk")  # type: ignore[attr-defined]


class NewAuditReportForm(NewReportForm):
    """An audit office's report on a program that one of its engagements looks at."""

    engagement = forms.ModelChoiceField(
        queryset=Engagement.objects.none(), to_field_name="uid", empty_label="Choose an engagement"
    )
    field_order = ("engagement", "program", "title", "period_start", "period_end")

    def __init__(self, *args: Any, engagements: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        del self.fields["kind"]
        self.fields["engagement"].queryset = engagements.order_by("number", "pk")  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """The whole report: title, period, and of each section its place, heading, words, what it shows and a picture; with
    one empty section at the end."""

    title = forms.CharField(max_length=250)
    period_start = forms.DateField(label="First day of the period", widget=day())
    period_end = forms.DateField(label="Last day of the period", widget=day())
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: MultiValueDict[str, str] | None = None, *, report: Report):
        written = written_sections(report)
        asked = str(data.get("count", "")) if data is not None else ""
        known = int(asked) if asked.isdecimal() and len(asked) < 4 else len(written) + 1
        self.count = min(known, MAX_SECTIONS)
        super().__init__(data, initial=self._initial(report, written))
        self.images = list(report.images.order_by("pk"))
        for n in range(self.count):
            made = _section_fields(n, self.images)
            self.fields |= {f"{name}_{n}": field for name, field in made.items()}

    @staticmethod
    def _initial(report: Report, written: list[Section]) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "title": report.title,
            "period_start": report.period_start,
            "period_end": report.period_end,
            "seen": content_hash(report),
        }
        for n, section in enumerate(written):
            told = section._asdict() | {"image": section.image and str(section.image.uid)}
            initial |= {f"{name}_{n}": value for name, value in told.items()}
        return initial | {f"order_{n}": n + 1 for n in range(MAX_SECTIONS)}

    def section_fields(self) -> list[dict[str, Any]]:
        """For the template: each section's number and fields, and whether it shows anything yet."""
        found: list[dict[str, Any]] = []
        for n in range(self.count):
            bound: dict[str, Any] = {name: self[f"{name}_{n}"] for name in _PARTS}
            shows = any(bound[name].value() for name in ("shows", "image")) or any(
                bound[name].errors for name in _PARTS[3:]
            )
            found.append(bound | {"number": n + 1, "open": shows})
        return found

    def values(self) -> dict[str, Any]:
        """What `edit_report` wants, in the order that was asked for: sections in which nothing stands are left out."""
        said = self.cleaned_data
        places = sorted(range(self.count), key=lambda n: (said[f"order_{n}"] or n + 1, n))
        sections = [self._section(n) for n in places if not said[f"remove_{n}"]]
        names = ("title", "period_start", "period_end", "seen")
        kept = [s for s in sections if s.heading or s.says_something]
        return {name: said[name] for name in names} | {"sections": kept}

    def _section(self, n: int) -> Section:
        said = {name: self.cleaned_data[f"{name}_{n}"] for name in Section._fields}
        chosen = {str(image.uid): image for image in self.images}.get(said["image"])
        return Section(**said | {"image": chosen})


_PARTS = (
    *("heading", "body", "order", "shows", "description", "image", "image_description", "remove"),
)


def _section_fields(n: int, images: Sequence[ReportImage]) -> dict[str, forms.Field]:
    number = n + 1
    pictures = [
        (str(image.uid), f"Picture {place}: {image.width} × {image.height}, {image.sha256[:8]}")
        for place, image in enumerate(images, start=1)
    ]
    return {
        "heading": forms.CharField(
            label=f"Heading of section {number}", max_length=150, required=False
        ),
        "body": forms.CharField(
            label=f"Text of section {number}", max_length=50_000, required=False, widget=text(8)
        ),
        "order": forms.IntegerField(
            label=f"Place of section {number}", min_value=1, max_value=99, required=False
        ),
        "shows": forms.ChoiceField(
            label=f"What section {number} shows below its text",
            choices=[("", "Nothing"), *((c, w.capitalize()) for c, w in Shown.choices if c)],
            required=False,
        ),
        "description": forms.CharField(
            label="Description of what is shown",
            max_length=500,
            required=False,
            widget=text(2),
            help_text="A chart needs one: what it shows, for those who do not see it. Of a table it is the caption.",
        ),
        "image": forms.ChoiceField(
            label=f"Picture of section {number}",
            choices=[("", "No picture"), *pictures],
            required=False,
        ),
        "image_description": forms.CharField(
            label="Description of the picture",
            max_length=500,
            required=False,
            widget=text(2),
            help_text="What the picture shows, for those who do not see it.",
        ),
        "remove": forms.BooleanField(label=f"Remove section {number}", required=False),
    }


class ImageForm(forms.Form):
    """A picture for a report."""

    file = forms.FileField(
        label="Picture",
        widget=forms.ClearableFileInput({"accept": "image/png,image/jpeg"}),
        help_text="PNG or JPEG, at most 5 MB. It is written anew: where and with what it was taken is left out.",
    )


class CommentForm(forms.Form):
    """What somebody says of a section; `seen` is the digest of what they read."""

    body = forms.CharField(label="Your comment", widget=text(5), max_length=5000)
    heading = forms.CharField(widget=forms.HiddenInput, max_length=150)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class SettleForm(forms.Form):
    followed = forms.TypedChoiceField(
        label="What came of it",
        choices=[("yes", "It was followed"), ("no", "It was not followed")],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="What was changed, or why not",
        widget=text(4),
        max_length=2000,
        required=False,
        help_text="Needed when the comment is not followed.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="What has to change",
        widget=text(5),
        max_length=5000,
        help_text="The author reads it.",
    )

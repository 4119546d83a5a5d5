"""What people type into this room's pages. Forms check shape; actions check rules."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from tracker.audits.models import Engagement
from tracker.programs.models import Program
from tracker.publishing import standins
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import (
    Category,
    Release,
    Report,
    ReportImage,
    ReportKind,
    Scope,
    Shown,
)
from tracker.publishing.queries import Section, content_hash, written_sections
from tracker.shared.errors import Refused
from tracker.shared.money import Money

MAX_SECTIONS = 40


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


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
    period_start = forms.DateField(label="First day of the period", widget=_day())
    period_end = forms.DateField(label="Last day of the period", widget=_day())

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
    period_start = forms.DateField(label="First day of the period", widget=_day())
    period_end = forms.DateField(label="Last day of the period", widget=_day())
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
            label=f"Text of section {number}", max_length=50_000, required=False, widget=_text(8)
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
            widget=_text(2),
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
            widget=_text(2),
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

    body = forms.CharField(label="Your comment", widget=_text(5), max_length=5000)
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
        widget=_text(4),
        max_length=2000,
        required=False,
        help_text="Needed when the comment is not followed.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="What has to change",
        widget=_text(5),
        max_length=5000,
        help_text="The author reads it.",
    )


def _what() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of record, and the fields of each that may be withheld."""
    return [
        (
            f"Of a {kind}" if kind != "program" else "Of the program itself",
            [(f"{kind}.{field}", f"{kind}: {field.replace('_', ' ')}") for field in sorted(fields)],
        )
        for kind, fields in sorted(WITHHOLDABLE.items())
    ]


class ChosenForm(forms.Form):
    """What is to be withheld, of which program. The rest of the proposal depends on it."""

    program = forms.ModelChoiceField(
        queryset=Program.objects.none(), to_field_name="uid", empty_label="Choose a program"
    )
    scope = forms.ChoiceField(
        label="How much",
        choices=Scope.choices,
        required=False,
        help_text="One field of one record is the least. A rule covers records that come later, too.",
    )
    what = forms.ChoiceField(
        label="Field to withhold",
        required=False,
        help_text="Of a whole record, choose any of its fields. A delay needs none: it is for payments.",
    )

    def __init__(self, *args: Any, programs: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs.order_by("title", "pk")  # type: ignore[attr-defined]
        self.fields["what"].choices = [("", "Choose a field"), *_what()]  # type: ignore[attr-defined]

    def clean_scope(self) -> str:
        return str(self.cleaned_data["scope"] or Scope.FIELD)

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("scope") == Scope.DELAY:
            said["kind"], said["field"] = "transaction", ""
        elif said.get("what"):
            kind, _, field = said["what"].partition(".")
            said["kind"], said["field"] = kind, "" if said.get("scope") == Scope.RECORD else field
        elif "what" not in self.errors:
            self.add_error("what", "Choose what is to be withheld.")


class WithholdingForm(ChosenForm):
    """Everything else: which record, what the public reads in the place of the value, and what fits its kind."""

    record = forms.CharField(
        label="Which record",
        max_length=250,
        required=False,
        help_text="A transaction: its reference, entry number or identifier. An indicator, objective, finding or engagement: "
        "its title. A participant: the organisation’s name. Leave it empty for the program itself.",
    )
    days = forms.IntegerField(
        label="For how many days",
        help_text="Payments are published so many days after they were recorded.",
    )
    minimum_percent = forms.IntegerField(
        label="Least width of a range, in percent",
        required=False,
        help_text="Of its upper end: 25 to 100. Empty: 25. Ranges of single records follow it, too.",
    )
    in_sums = forms.BooleanField(
        label="The law lets totals say what such amounts come to",
        required=False,
        help_text="A sum that would tell one of its amounts is left out all the same.",
    )
    category = forms.ChoiceField(choices=[("", "Choose a reason"), *Category.choices])
    legal_basis = forms.CharField(
        max_length=300, help_text="The law or rule that allows it. The public reads it."
    )
    reason = forms.CharField(
        label="Reason in one public sentence",
        max_length=300,
        widget=_text(3),
        help_text="The public reads it in the place of the value. Do not hint at the value itself.",
    )
    review_on = forms.DateField(
        label="Review on",
        widget=_day(),
        help_text="On this day somebody has to look at it again; the public sees the date.",
    )

    def __init__(self, *args: Any, programs: Any, chosen: dict[str, Any], **kwargs: Any):
        super().__init__(*args, programs=programs, **kwargs)
        self.chosen = chosen
        scope, field = chosen["scope"], chosen["field"]
        shape = standins.shape_of(field)
        numbers = shape in (standins.MONEY, standins.NUMBER)
        fits = {
            "record": scope in (Scope.FIELD, Scope.RECORD),
            "days": scope == Scope.DELAY,
            "minimum_percent": scope == Scope.RULE and numbers,
            "in_sums": field == "amount"
            or (scope, chosen["kind"]) == (Scope.RECORD, "transaction"),
        }
        for name in (name for name, needed in fits.items() if not needed):
            del self.fields[name]
        for name in ("program", "scope", "what"):
            self.fields[name].widget = forms.HiddenInput()
        self.parts: tuple[str, ...] = ()
        if scope in (Scope.FIELD, Scope.RULE):
            self._add_stand_in(scope == Scope.RULE, shape)

    def _add_stand_in(self, is_rule: bool, shape: str) -> None:
        """What may stand in the place of the value: inputs that fit its kind. All may be left empty."""
        inputs = stand_in_inputs(is_rule, shape)
        self.parts = tuple(inputs)
        before = list(self.fields)
        for name, (label, said) in inputs.items():
            if isinstance(said, list):
                self.fields[name] = forms.ChoiceField(label=label, choices=said, required=False)
            else:
                self.fields[name] = forms.CharField(
                    label=label, max_length=300, required=False, help_text=said
                )
        at = before.index("category")
        self.order_fields([*before[:at], *inputs, *before[at:]])

    def stand_in(self) -> dict[str, Any] | None:
        """As `standins.py` has it; None where nothing was written. A day's own month or year is put in by the view."""
        said = {name: self.cleaned_data.get(name, "").strip() for name in self.parts}
        if not any(
            text for name, text in said.items() if name not in ("stand_in_kind", "currency")
        ):
            return None
        shape = standins.shape_of(self.chosen["field"])
        if shape == standins.DAY:
            return {"kind": said["stand_in"]}
        if shape == standins.WORDS:
            return {"kind": said["stand_in_kind"] or "unit", "value": said["stand_in"]}
        code = {"currency": said["currency"].upper()} if shape == standins.MONEY else {}
        if "high" in said:
            low, high = (_end(said[name], code.get("currency")) for name in ("stand_in", "high"))
            return {"kind": "range", "low": low, "high": high, **code}
        edges = [_end(edge, code.get("currency")) for edge in said["stand_in"].split()]
        return {"kind": "bands", "edges": [e["minor"] if code else e for e in edges], **code}


def stand_in_inputs(is_rule: bool, shape: str) -> dict[str, tuple[str, Any]]:
    """The inputs of a stand-in, each with its label and its hint or its choices."""
    currency = {"currency": ("Currency of the range", "The value’s own, such as USD.")}
    if shape in (standins.MONEY, standins.NUMBER):
        money = currency if shape == standins.MONEY else {}
        if is_rule:
            hint = "From small to large, with spaces between: 0 10000 100000. Each band is wide, the same for all."
            return {"stand_in": ("Edges of the bands that stand there instead", hint), **money}
        ends = {
            "stand_in": ("Instead, a range from", "The value lies in it. Leave it empty for none."),
            "high": ("to", "The range is 25 % of this or more wide."),
        }
        return ends | money
    if shape == standins.DAY:
        choices = [("", "nothing"), ("month", "the month"), ("year", "the year")]
        return {"stand_in": ("What stands there instead", choices)}
    if shape == standins.WORDS:
        choices = [("unit", "words such as “one unit”"), ("region", "a region")]
        hint = "Words that many values share. Leave it empty for none."
        return {
            "stand_in_kind": ("Kind of words", choices),
            "stand_in": ("Instead, these words", hint),
        }
    return {}


def _end(said: str, currency: str | None) -> Any:
    """An end of a range as it was typed: in whole units of a currency, or a plain number."""
    plain = said.replace(",", "")
    if currency is None:
        return plain
    try:
        return {"minor": Money.of(plain, currency).minor}
    except Refused as refusal:
        raise Refused({"stand_in": refusal.sentence}) from None


class ReviewForm(forms.Form):
    review_on = forms.DateField(label="Next review on", widget=_day())


class NotPublishedForm(forms.Form):
    category = forms.ChoiceField(
        choices=[("", "Choose a reason"), *Category.choices],
        help_text="The public reads the category with a count of programs, never the program’s name.",
    )
    reason = forms.CharField(
        max_length=300,
        widget=_text(3),
        help_text="For staff and auditors. The public does not read it.",
    )
    review_on = forms.DateField(
        label="Review on", widget=_day(), help_text="The public sees the earliest such date."
    )


class PrepareForm(forms.Form):
    """An embargo, if there is one."""

    public_from = forms.DateTimeField(
        label="Public from",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Leave it empty to publish as soon as a second person releases it. With a day and a time nobody outside "
        "sees it before; the time is that of the program’s owner.",
    )


class ExplainForm(forms.Form):
    """Why one total is not what the release before said."""

    place = forms.CharField(max_length=60, widget=forms.HiddenInput)
    sentence = forms.CharField(
        label="Why it differs, in one public sentence",
        max_length=300,
        widget=_text(2),
        help_text="The public reads it beside the difference. Name no amount that is withheld.",
    )


class DropForm(forms.Form):
    reason = forms.CharField(
        label="Why it is given up", max_length=300, help_text="Who prepared it reads it."
    )


class EndOrderForm(forms.Form):
    """Why changes of an engagement are no longer released as they happen."""

    reason = forms.CharField(label="Why it ends", max_length=300)


class TakedownForm(forms.Form):
    """Which release is taken back, everything that the public will read in its place, and how fast."""

    FIRST, NOW = "first", "now"

    release = forms.ModelChoiceField(
        queryset=Release.objects.none(), empty_label="Choose a release"
    )
    category = forms.ChoiceField(choices=[("", "Choose a reason"), *Category.choices])
    legal_basis = forms.CharField(
        max_length=300, help_text="The law or rule that allows it. The public reads it."
    )
    reason = forms.CharField(
        label="Reason in one public sentence",
        max_length=300,
        widget=_text(3),
        help_text="The public reads it in the place of the release. Do not hint at what must not be known.",
    )
    how = forms.ChoiceField(
        label="How fast",
        choices=[
            (FIRST, "Propose it: it stays public until another disclosure officer decides"),
            (NOW, "Take it down now: another disclosure officer reviews it within 24 hours"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, releases: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["release"]
        field.queryset, field.to_field_name = releases, "number"
        field.label_from_instance = lambda one: (
            f"Release {one.number}, published {one.published_at:%Y-%m-%d}"
        )


class DeclineForm(forms.Form):
    verdict = forms.CharField(label="Why it stays public", max_length=300, widget=_text(2))


class VerdictForm(forms.Form):
    """The second person's review of what one took down in a hurry."""

    verdict = forms.ChoiceField(
        label="Your verdict",
        choices=[
            ("upheld", "It was right: it stays down"),
            ("restored", "It was not: it is public again at once"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why, in one public sentence",
        max_length=300,
        widget=_text(3),
        help_text="The public reads it on the tombstone.",
    )

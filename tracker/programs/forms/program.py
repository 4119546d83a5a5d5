"""The form of a program, with its rows of sectors and participants."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from tracker.accounts.models import Organisation, User
from tracker.programs import policies, queries, reference
from tracker.programs.forms.fields import NUMBER, date_field
from tracker.programs.models import KindOfAid, Nature, ParticipantRole, Program, ProgramStatus
from tracker.programs.queries import Participant, Sector

MORE_ROWS = 3
MOST_ROWS = 100


class ProgramForm(forms.Form):
    title = forms.CharField(max_length=250)
    identifier = forms.CharField(
        max_length=100, help_text="How files and partners name it. No other program may have it."
    )
    summary = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="What is given, to whom and to what end, in words that the public understands.",
    )
    kind_of_aid = forms.ChoiceField(
        label="Kind of aid", required=False, choices=[("", "not stated"), *KindOfAid.choices]
    )
    status = forms.ChoiceField(choices=ProgramStatus.choices)
    starts_on = date_field("Start")
    ends_on = date_field("End")
    legal_authority = forms.CharField(
        label="Legal authority",
        max_length=300,
        required=False,
        help_text="The law or decision that allows it.",
    )
    gaps = forms.CharField(
        label="What the record does not state",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="One sentence on each line. The program's page shows them: a gap that is named is not hidden.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_gaps(self) -> list[str]:
        gaps = [line.strip() for line in self.cleaned_data["gaps"].splitlines() if line.strip()]
        if too_long := [number for number, gap in enumerate(gaps, 1) if len(gap) > 300]:
            raise ValidationError(f"Line {too_long[0]} is longer than 300 characters: shorten it.")
        return gaps


class NewProgramForm(ProgramForm):
    owner = forms.ModelChoiceField(Organisation.objects.none(), to_field_name="uid")
    nature = forms.ChoiceField(
        label="Where its figures come from",
        choices=Nature.choices,
        widget=forms.RadioSelect,
        initial=Nature.OPERATIONAL,
        help_text="This cannot be changed later: the three kinds of figures are never added up together.",
    )
    seen = None  # type: ignore[assignment]  # a new program was seen by nobody

    field_order = ["owner", "nature"]

    def __init__(self, *args: Any, owners: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        if len(owners) == 1:
            self.fields["owner"].initial = owners[0]


class SectorForm(forms.Form):
    code = forms.ChoiceField(label="Sector", required=False)
    percent = forms.DecimalField(
        label="Share in per cent",
        required=False,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=NUMBER,
    )

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.cleaned_data.get("percent") is not None and not self.cleaned_data.get("code"):
            self.add_error("code", "A share needs its sector: choose one, or empty the share.")


class ParticipantForm(forms.Form):
    organisation = forms.ChoiceField(required=False)
    role = forms.ChoiceField(
        required=False, choices=[("", "no role chosen"), *ParticipantRole.choices]
    )

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("organisation") and not given.get("role"):
            self.add_error("role", "Choose what the organisation does in the program.")
        if given.get("role") and not given.get("organisation"):
            self.add_error("organisation", "Choose the organisation, or remove the role.")


class _Rows(forms.BaseFormSet):
    """Rows that are kept if something is in them; what the page began with makes no difference."""

    def initial_form_count(self) -> int:
        return 0


def _rows(form: type[forms.Form], known: int) -> Any:
    return forms.formset_factory(
        form, formset=_Rows, extra=known + MORE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS
    )


def _sector_choices(present: Iterable[Sector]) -> list[Any]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for sector in reference.sectors():
        groups.setdefault(sector.category, []).append((sector.code, f"{sector.code} {sector.name}"))
    others = [(s.code, f"{s.code} {s.name}") for s in present if not reference.sector_name(s.code)]
    groups |= {"Other codes of this program": others} if others else {}
    return [("", "no sector"), *groups.items()]


class ProgramSheet:
    """A program's form with its rows of sectors and participants, as one thing to fill in.

    Works without script: a button asks for more empty rows and everything typed so far stays.
    """

    def __init__(self, data: MultiValueDict | None = None, *, user: User, program: Program | None):
        self.program = program
        present = queries.sectors_of(program) if program else []
        self.organisations = {
            str(one.uid): one for one in Organisation.objects.order_by("name", "pk")
        }
        self.sector_names = {s.code: s.name for s in present} | {
            s.code: s.name for s in reference.sectors()
        }
        names = [(uid, one.name) for uid, one in self.organisations.items()]
        self.choices = {
            "sectors": _sector_choices(present),
            "participants": [("", "no organisation"), *names],
        }
        self.owners = None if program else policies.organisations_of_officer(user)
        if data is not None and "more" not in data:
            self._bind(data)
        else:
            self._show(*(self._typed(data) if data is not None else self._recorded(present)))

    def _form(self, *args: Any, **kwargs: Any) -> forms.Form:
        if self.owners is None:
            return ProgramForm(*args, **kwargs)
        return NewProgramForm(*args, owners=self.owners, **kwargs)

    def _set(self, name: str, form: type[forms.Form], known: int, *args: Any, **kwargs: Any) -> Any:
        options = {"choices": self.choices[name]}
        return _rows(form, known)(*args, prefix=name, form_kwargs=options, **kwargs)

    def _bind(self, data: MultiValueDict) -> None:
        self.form = self._form(data)
        self.sectors = self._set("sectors", SectorForm, 0, data)
        self.participants = self._set("participants", ParticipantForm, 0, data)

    def _show(self, fields: Mapping[str, Any], sectors: list[Any], participants: list[Any]) -> None:
        self.form = self._form(initial=fields)
        self.sectors = self._set("sectors", SectorForm, len(sectors), initial=sectors)
        self.participants = self._set(
            "participants", ParticipantForm, len(participants), initial=participants
        )

    def _recorded(self, present: list[Sector]) -> tuple[Any, Any, Any]:
        program = self.program
        if program is None:
            return {}, [], []
        names = [n for n in ProgramForm.base_fields if n not in ("gaps", "seen")]
        fields = {name: getattr(program, name) for name in names}
        fields |= {
            "gaps": "\n".join(queries.gaps_of(program)),
            "seen": queries.fingerprint(program),
        }
        sectors = [{"code": s.code, "percent": s.percent} for s in present]
        parts = queries.participants_of(program)
        rows = [{"organisation": str(p.organisation.uid), "role": p.role} for p in parts]
        return fields, sectors, rows

    def _typed(self, data: MultiValueDict) -> tuple[Any, Any, Any]:
        """What was typed so far, not yet judged."""

        def rows(prefix: str, *names: str) -> list[dict[str, Any]]:
            count = data.get(f"{prefix}-TOTAL_FORMS", "")
            numbers = range(min(int(count), MOST_ROWS) if count.isdecimal() else 0)
            found = [{n: data.get(f"{prefix}-{i}-{n}", "") for n in names} for i in numbers]
            return [row for row in found if any(row.values())]

        fields = {
            name: data.get(name, "") for name in [*ProgramForm.base_fields, "owner", "nature"]
        }
        return (
            fields,
            rows("sectors", "code", "percent"),
            rows("participants", "organisation", "role"),
        )

    def is_valid(self) -> bool:
        rows = [("Sector", self.sectors), ("Participant", self.participants)]
        valid = self.form.is_valid()
        for name, formset in rows:
            if formset.is_valid():
                continue
            valid = False
            for number, row in enumerate(formset.forms, start=1):
                for sentence in (s for errors in row.errors.values() for s in errors):
                    self.form.add_error(None, f"{name} row {number}: {sentence}")
            for sentence in formset.non_form_errors():
                self.form.add_error(None, f"{name} rows: {sentence}")
        return valid

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        sectors = [row.cleaned_data for row in self.sectors if row.cleaned_data.get("code")]
        parts = [row.cleaned_data for row in self.participants if row.cleaned_data.get("role")]
        return {
            **self.form.cleaned_data,
            "sectors": [
                Sector(row["code"], self.sector_names[row["code"]], row["percent"])
                for row in sectors
            ],
            "participants": [
                Participant(self.organisations[row["organisation"]], row["role"]) for row in parts
            ],
        }

"""What the components say, and to whom."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_filters.fields import RangeField

from tracker.shared.money import Money
from tracker.templatetags import tracker as components
from tracker.templatetags._flow import fitting

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def words(html):
    """What is read, without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


@pytest.mark.parametrize(
    "money, said",
    [
        (Money(120400000, "USD"), "1,204,000.00 USD"),
        (Money(0, "USD"), "0.00 USD"),  # a zero is a value
        (Money(-8812000, "EUR"), "−88,120.00 EUR"),
        (Money(48000, "JPY"), "48,000 JPY"),
        (None, "not stated"),
    ],
)
def test_money_shows_every_digit_its_currency_behind_it(money, said):
    assert words(components.money(money)) == said


def test_a_short_amount_keeps_the_exact_one():
    html = components.money(Money(18340000050, "USD"), short=True)

    assert words(html) == "183.4 M USD"
    assert 'value="183400000.50"' in html


@pytest.mark.parametrize(
    "value, said",
    [(0, "0"), (False, "no"), ("", "not stated"), (None, "not stated"), (1234567, "1,234,567")],
)
def test_zero_and_no_are_values_and_emptiness_is_not(value, said):
    assert words(components.stated(value)) == said


def test_a_withheld_cell_looks_like_neither_a_value_nor_a_missing_one():
    withheld = components.cell(
        {"state": "withheld", "reason": "operational security", "review_on": "2027-03-01"}
    )

    assert words(withheld) == "withheld: operational security · review 1 Mar 2027"
    assert 'class="withheld"' in withheld
    assert "withheld" not in components.cell({"state": "not_stated"})
    assert components.cell({"state": "stated", "value": "Training Command"}) == "Training Command"


@pytest.mark.parametrize(
    "value", [{"minor": 31845000, "currency": "USD"}, {"amount": "318450.00", "currency": "USD"}]
)
def test_a_released_amount_is_money(value):
    assert words(components.cell({"state": "stated", "value": value})) == "318,450.00 USD"


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((date(2026, 9, 28),), "28 Sep 2026"),
        ((date(2026, 9, 28), "month"), "Sep 2026"),
        ((date(2004, 10, 1), "fiscal_year", 2005), "FY2005"),
        (("2026-09-28",), "28 Sep 2026"),
        ((datetime(2026, 9, 28, 9, 5, tzinfo=UTC),), "28 Sep 2026, 09:05"),
        ((None,), "not stated"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(arguments, said):
    assert words(components.when(*arguments)) == said


@pytest.mark.parametrize(
    "make",
    [
        lambda text: components.badge("good", text),
        lambda text: components.badge(text, "Posted"),
        lambda text: components.notice("bad", text),
        lambda text: components.stated(text),
        lambda text: components.cell({"state": "withheld", "reason": text, "value": text}),
        lambda text: components.when(text),
        lambda text: components.proof(1, text),
    ],
)
def test_what_people_wrote_is_text_and_never_markup(make):
    assert "<script" not in make('"><script>alert(1)</script>')


def test_a_state_is_never_told_by_colour_alone():
    for tone in ("good", "warn", "bad", "info", ""):
        html = components.badge(tone, "Posted")

        assert re.search(r'data-mark="[^"]+"', html)
        assert words(html) == "Posted"


def draw_line(*stages, **context):
    template = Template("{% load tracker %}{% line stages %}")
    return template.render(Context({"stages": stages, **context}))


def fills(html):
    return re.findall(r'class="fill" width="([\d.]+)%"', html)


def test_each_bar_of_the_line_is_a_part_of_the_first():
    html = draw_line(
        {"label": "Committed", "amount": Money(20000, "USD")},
        {"label": "Disbursed", "amount": Money(5000, "USD")},
    )

    assert fills(html) == ["100.00", "25.00"]


def test_a_stage_that_nobody_stated_is_an_empty_track_and_not_a_bar_of_no_length():
    html = draw_line(
        {"label": "Committed", "amount": Money(20000, "USD")},
        {"label": "Received", "amount": None},
        {"label": "Used", "amount": Money(0, "USD")},
    )

    assert fills(html) == ["100.00", "0.00"]
    assert html.count(" void") == 1
    assert "not stated" in words(html)


def test_two_currencies_share_no_scale():
    html = draw_line(
        {"label": "Committed", "amount": Money(20000, "USD")},
        {"label": "Disbursed", "amount": Money(5000, "EUR")},
    )

    assert fills(html) == ["0.00", "0.00"]


def test_what_is_withheld_is_the_hatched_end_of_its_bar():
    html = draw_line(
        {"label": "Paid", "amount": Money(9000, "USD"), "share": 98, "withheld_share": 4}
    )

    assert fills(html) == ["98.00"]
    assert re.search(r'x="94.00%" width="4.00%"[^>]*url\(#hatch\)', html)


def test_a_withheld_amount_is_hatched_to_the_scale_of_the_line_and_never_beyond_its_bar():
    html = draw_line(
        {"label": "Committed", "amount": Money(20000, "USD")},
        {"label": "Disbursed", "amount": Money(5000, "USD"), "withheld": Money(9000, "USD")},
    )

    assert re.search(r'x="0.00%" width="25.00%"[^>]*url\(#hatch\)', html)


def test_what_stands_apart_shares_the_scale_and_holds_nothing():
    html = draw_line(
        {"label": "Promised", "amount": Money(40000, "USD"), "apart": True, "note": "no total"},
        {"label": "Committed", "amount": Money(20000, "USD")},
        {"label": "Disbursed", "amount": Money(5000, "USD")},
    )

    assert fills(html) == ["100.00", "50.00", "12.50"]
    assert re.findall(r'class="above" width="([\d.]+)%"', html) == ["50.00"]
    assert "no total" in words(html)


def test_a_line_with_a_description_carries_its_table_and_opens_its_rows():
    template = Template('{% load tracker %}{% line stages description="Half is paid." %}')
    stages = [
        {"label": "Committed", "amount": Money(20000, "USD"), "href": "/rows/?kind=commitment"},
        {"label": "Received", "amount": None, "gap_text": "50.00 USD waits", "gap_href": "/w/"},
    ]
    html = template.render(Context({"stages": stages}))

    assert 'aria-describedby="line-from-promise-to-use"' in html and "Half is paid." in html
    assert 'href="/rows/?kind=commitment"' in html and 'href="/w/"' in html
    told = re.findall(r'<tr><th scope="row">(.*?)</th><td.*?>(.*?)</td><td.*?>(.*?)</td>', html)
    assert [(a, words(b), c) for a, b, c in told] == [
        ("Committed", "200.00 USD", "–"),
        ("Received", "not stated", "50.00 USD waits"),
    ]


def test_the_same_word_explained_twice_on_a_page_has_two_names():
    request = RequestFactory().get("/")
    stage = {"label": "Paid", "amount": None, "term": "Money that left."}

    html = draw_line(stage, stage, request=request)

    assert re.findall(r'popovertarget="([^"]+)"', html) == ["meaning-paid", "meaning-paid-2"]
    assert re.findall(r' id="([^"]+)" popover', html) == ["meaning-paid", "meaning-paid-2"]


@pytest.mark.parametrize("upright", [True, False])
def test_a_chart_says_all_its_figures_in_a_table_missing_ones_too(upright):
    html = render_to_string(
        "_components/chart.html",
        components.bar_chart(
            [
                {"label": "FY2002", "value": Money(1200, "USD")},
                {"label": "FY2003", "value": None},
                {"label": "FY2004", "value": Money(-300, "USD")},
            ],
            "By year",
            "It fell.",
            "Year|Paid",
            upright,
        ),
    )
    told = re.findall(r'<tr><th scope="row">(.*?)</th><td class="num">(.*?)</td>', html)

    assert [(year, words(amount)) for year, amount in told] == [
        ("FY2002", "12.00 USD"),
        ("FY2003", "not stated"),
        ("FY2004", "−3.00 USD"),
    ]


@pytest.mark.parametrize("rows", [[], [{"label": "FY2002", "value": 0}]])
def test_a_chart_of_nothing_is_still_a_chart(rows):
    for upright in (True, False):
        html = render_to_string(
            "_components/chart.html", components.bar_chart(rows, "By year", "None.", "Y|P", upright)
        )

        assert "By year" in html


class Sketch(forms.Form):
    amount = forms.DecimalField(help_text="Digits only.")
    basis = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    remark = forms.CharField(required=False)


def sketch(data=None):
    form = Sketch(data)
    return render_to_string("_components/form.html", {"form": form, "submit": "Save"})


def test_a_field_is_tied_to_its_hint_and_its_error():
    html = sketch({"amount": "many", "basis": "a"})
    control = re.search(r'<input[^>]*name="amount"[^>]*>', html)[0]

    assert 'aria-describedby="id_amount_error id_amount_hint"' in control
    assert 'aria-invalid="true"' in control
    assert re.search(r'id="id_amount_error">\s*Enter a number', html)
    assert 'id="id_amount_hint"' in html


def test_each_end_of_a_range_has_a_name_of_its_own():
    class Span(forms.Form):
        paid = RangeField(label="Paid")

    html = Template("{% load tracker %}{% field form.paid %}").render(Context({"form": Span()}))

    assert re.findall(r'<input[^>]*aria-label="([^"]+)"', html) == ["Paid: from", "Paid: to"]
    assert "<legend>Paid" in html


def test_every_link_of_the_error_summary_leads_to_something_on_the_page():
    html = sketch({})
    targets = re.findall(r'<li><a href="#([^"]+)"', html)

    assert len(targets) == 2
    assert all(f'id="{target}"' in html for target in targets)


def test_a_form_without_errors_has_no_summary_and_says_what_is_optional():
    html = sketch()

    assert "errors" not in html
    assert html.count("(optional)") == 1


def test_a_refusal_stands_in_the_summary():
    form = Sketch({"amount": "1", "basis": "a"})
    form.add_error(None, "The commitment holds 12.00 USD less than this.")

    html = render_to_string("_components/form.html", {"form": form})

    assert "The commitment holds 12.00 USD less than this." in html


def style_page():
    request = RequestFactory().get("/desk/style/")
    request.user = AnonymousUser()
    return render_to_string("style.html", {}, request)


def test_the_style_page_shows_each_component_with_the_words_that_make_it():
    html = style_page()

    assert "{% money s.large short=True %}" in html.replace("&quot;", '"')
    assert "183.4 M" in html


def test_every_component_is_on_the_style_page():
    by_tag = {"badge.html", "money.html", "field.html", "line.html", "chart.html", "flow.html"}
    by_base = {"account.html", "defs.html", "mark.html", "messages.html", "nav.html"}
    by_others = {"errors.html", "fields.html", "pager.html", "table.html", "list.html"}
    page = Path(settings.BASE_DIR, "templates", "style.html").read_text()

    missing = (
        {path.name for path in TEMPLATES if path.parent.name == "_components"}
        - by_tag
        - by_base
        - by_others
    )

    assert {name for name in missing if f"_components/{name}" not in page} == set()


def test_no_page_needs_what_the_content_policy_forbids():
    forbidden = re.compile(r"<[^>]*\s(style|on[a-z]+)\s*=|<style|<script(?![^>]*\bsrc=)", re.I)

    found = {
        str(path.name): match[0]
        for path in TEMPLATES
        if (match := forbidden.search(path.read_text())) and path.suffix == ".html"
    }

    # A file to take along, no page: it carries its own style, and has to look the same without us.
    assert found == {"report_file.html": "<style"}


def test_no_comment_of_a_template_runs_over_a_line_and_so_onto_the_page():
    open_ended = re.compile(r"\{#(?![^\n]*#\})")

    assert [path.name for path in TEMPLATES if open_ended.search(path.read_text())] == []


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404"])
@pytest.mark.parametrize("path, base", [("/desk/nowhere/", "desk"), ("/nowhere/", "public")])
def test_an_error_page_stands_in_the_place_where_the_error_happened(name, path, base):
    request = RequestFactory().get(path)
    request.user = AnonymousUser()

    assert f'<body class="{base}">' in render_to_string(f"{name}.html", {}, request)


def test_when_everything_is_broken_the_page_about_it_needs_nothing():
    assert "Something broke" in render_to_string("500.html")


def test_a_bar_of_a_chain_says_the_longest_of_its_words_that_fits_on_a_phone_and_beside_it():
    words = ("200.00 stuck", "stuck")

    assert fitting(words, 60.0) == (("200.00 stuck", ""),)
    assert fitting(words, 25.0) == (("200.00 stuck", "roomy"), ("stuck", "narrow"))
    assert fitting(words, 12.0) == (("stuck", "roomy"),)
    assert fitting(words, 5.0) == ()

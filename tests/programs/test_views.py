"""The pages about programs: whom they let in, what they save, what they say."""

import csv
import io

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_figure, make_objective, make_program, officer_of
from tracker.accounts.models import Role
from tracker.programs import queries
from tracker.programs.actions import Participant, Sector
from tracker.programs.models import Objective, ParticipantRole, Program, StatedFigure
from tracker.shared.money import Money


def signed_in(client, person):
    client.force_login(person)
    return client


def sheet(**fields):
    """What the form of a program sends, with no row filled in."""
    empty = {
        "title": "Field hospitals",
        "identifier": "HOSP-1",
        "summary": "",
        "kind_of_aid": "equipment",
        "status": "2",
        "starts_on": "",
        "ends_on": "",
        "legal_authority": "",
        "gaps": "",
    }
    for prefix in ("sectors", "participants"):
        empty |= {f"{prefix}-TOTAL_FORMS": "2", f"{prefix}-INITIAL_FORMS": "0"}
    return empty | fields


def text(response):
    return response.content.decode()


def file_rows(response):
    content = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(content, newline="")))


# --- The list --------------------------------------------------------------


def test_the_list_shows_what_a_person_may_see_and_leads_to_it(client):
    program = make_program(title="Field hospitals")
    hidden = make_program()
    page = signed_in(client, officer_of(program)).get("/desk/programs/")

    assert page.status_code == 200
    assert reverse("dashboards:program", args=[program.uid]) in text(page)
    assert "invalid name" not in text(page)  # what a filter without label is called
    assert hidden.title not in text(page)
    assert "/desk/programs/new/" in text(page)


def test_who_cannot_set_up_programs_is_not_offered_it(client):
    program = make_program()
    page = signed_in(client, make_person(Role.AUDITOR, organisation=program.owner)).get(
        "/desk/programs/"
    )

    assert "/desk/programs/new/" not in text(page)


def test_nobody_sees_the_list_without_signing_in(client):
    assert client.get("/desk/programs/").status_code == 302


@pytest.mark.parametrize(
    "query", ["q=hospital", "status=2", "kind_of_aid=cyber", "nature=documented"]
)
def test_the_list_is_narrowed_by_each_filter(client, query):
    owner = make_organisation()
    officer = make_person(Role.OFFICER, organisation=owner)
    wanted = make_program(
        owner=owner,
        by=officer,
        title="Field hospitals",
        kind_of_aid="cyber",
        nature="documented",
        status="2",
    )
    other = make_program(owner=owner, by=officer, title="Border posts", status="4", summary="")

    page = signed_in(client, officer).get(f"/desk/programs/?{query}")

    assert wanted.title in text(page)
    assert other.title not in text(page)


def test_the_list_is_narrowed_by_who_gives_and_who_receives(client):
    owner = make_organisation()
    officer = make_person(Role.OFFICER, organisation=owner)
    wanted = make_program(owner=owner, by=officer)
    other = make_program(
        owner=owner, by=officer, participants=[Participant(wanted.recipients[0], "partner")]
    )
    client = signed_in(client, officer)

    for query in (f"recipient={wanted.recipients[0].uid}", f"donor={owner.uid}"):
        page = text(client.get(f"/desk/programs/?{query}"))
        assert f"/{wanted.uid}/" in page
        assert f"/{other.uid}/" not in page


def test_a_recipient_that_does_not_exist_gets_a_sentence(client):
    page = signed_in(client, officer_of(make_program())).get("/desk/programs/?recipient=none")

    assert page.status_code == 200
    assert "a filter could not be understood" in text(page)


def test_the_file_holds_what_the_list_shows(client):
    recipient = make_organisation("General Staff of Ruritania", short_name="GSR")
    program = make_program(recipient=recipient, starts_on="2024-10-01", kind_of_aid="")
    client = signed_in(client, officer_of(program))

    page = text(client.get("/desk/programs/"))
    head, row = file_rows(client.get("/desk/programs/?format=csv"))

    assert head == [
        "Title",
        "Identifier",
        "Donors",
        "Recipients",
        "Kind of aid",
        "Status",
        "Start",
        "Figures",
    ]
    assert row == [
        program.title,
        program.identifier,
        program.owner.name,
        "GSR",
        "",
        "under way",
        "2024-10-01",
        "kept here",
    ]
    for shown in ("GSR", "under way", "1 Oct 2024", "kept here", "not stated"):
        assert shown in page


def test_more_programs_cost_no_more_queries(client, count_queries):
    owner = make_organisation()
    officer = make_person(Role.OFFICER, organisation=owner)
    client = signed_in(client, officer)
    make_program(owner=owner, by=officer)
    one = count_queries(lambda: client.get("/desk/programs/"))
    for _ in range(5):
        make_program(owner=owner, by=officer)

    assert count_queries(lambda: client.get("/desk/programs/")) == one


# --- Setting up and changing ----------------------------------------------


def test_an_officer_sets_up_a_program_from_the_form(client):
    officer = make_person(Role.OFFICER)
    owner, recipient = officer.organisation, make_organisation()
    client = signed_in(client, officer)
    assert client.get("/desk/programs/new/").status_code == 200

    answer = client.post(
        "/desk/programs/new/",
        sheet(
            owner=owner.uid,
            nature="illustrative",
            gaps="A gap.\r\n\r\nAnother gap.",
            starts_on="2026-01-01",
            **{
                "participants-0-organisation": recipient.uid,
                "participants-0-role": "recipient",
                "sectors-1-code": "15210",
                "sectors-1-percent": "12.5",
            },
        ),
    )

    program = Program.objects.get()
    assert answer["Location"] == reverse("dashboards:program", args=[program.uid])
    assert (program.nature, program.owner, program.recipients) == (
        "illustrative",
        owner,
        [recipient],
    )
    assert queries.gaps_of(program) == ["A gap.", "Another gap."]
    (sector,) = queries.sectors_of(program)
    assert (sector.code, str(sector.percent)) == ("15210", "12.5")
    assert sector.name == "Security system management and reform"


def test_more_empty_rows_keep_what_was_typed_and_save_nothing(client):
    officer = make_person(Role.OFFICER)
    page = signed_in(client, officer).post(
        "/desk/programs/new/",
        sheet(more="sectors", title="Half typed", identifier="", **{"sectors-0-code": "15210"}),
    )

    assert page.status_code == 200
    assert "Half typed" in text(page)
    assert '<option value="15210" selected>' in text(page)
    assert 'name="sectors-3-code"' in text(page)
    assert "Nothing was saved" not in text(page)
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"title": ""}, "This field is required."),
        ({"starts_on": "01/02/2026"}, "Write the date as year-month-day"),
        ({"starts_on": "2026-01-02", "ends_on": "2026-01-01"}, "The end lies before the start"),
        ({"gaps": "x" * 301}, "Line 1 is longer than 300 characters"),
        ({"sectors-0-percent": "5"}, "A share needs its sector"),
        ({"sectors-0-code": "15210", "sectors-0-percent": "1,5"}, "with a point before"),
        ({"sectors-0-code": "15210", "sectors-0-percent": "101"}, "above 0 and up to 100"),
        ({"sectors-0-code": "15210", "sectors-1-code": "15210"}, "15210 is named twice"),
        ({"sectors-0-code": "nonsense"}, "Sector row 1"),
        ({"participants-0-role": "donor"}, "Choose the organisation, or remove the role"),
        ({"participants-0-organisation": "nonsense"}, "Participant row 1"),
        ({"participants-TOTAL_FORMS": "many"}, "Participant rows"),
        ({"nature": "guessed"}, "Select a valid choice"),
        ({"owner": "nonsense"}, "is not a valid UUID"),
    ],
)
def test_bad_input_gets_a_sentence_and_saves_nothing(client, fields, sentence):
    officer = make_person(Role.OFFICER)
    posted = sheet(owner=officer.organisation.uid, nature="operational", **{})
    page = signed_in(client, officer).post("/desk/programs/new/", posted | fields)

    assert page.status_code == 200
    assert sentence in text(page)
    assert not Program.objects.exists()


def test_an_owner_for_whom_one_does_not_work_is_no_choice(client):
    officer, other = make_person(Role.OFFICER), make_organisation()
    page = signed_in(client, officer).post(
        "/desk/programs/new/", sheet(owner=other.uid, nature="operational")
    )

    assert page.status_code == 200
    assert not Program.objects.exists()


def edited(program, client, **fields):
    """The edit form as it opens, with some fields typed anew."""
    form = client.get(f"/desk/programs/{program.uid}/edit/").context["sheet"]
    posted = {name: form.form[name].value() or "" for name in form.form.fields}
    for formset in (form.sectors, form.participants):
        prefix = formset.prefix
        posted |= {f"{prefix}-TOTAL_FORMS": len(formset.forms), f"{prefix}-INITIAL_FORMS": 0}
        for row in formset.forms:
            posted |= {row.add_prefix(n): row[n].value() or "" for n in row.fields}
    return posted | fields


def test_the_edit_form_opens_with_what_is_recorded_and_saves_what_is_typed(client):
    program = make_program(sectors=[Sector("99999", "An old code")], gaps=["A gap."])
    client = signed_in(client, officer_of(program))
    address = f"/desk/programs/{program.uid}/edit/"

    answer = client.post(address, edited(program, client, title="Another title"))

    program = Program.objects.get()
    assert answer["Location"] == reverse("dashboards:program", args=[program.uid])
    assert program.title == "Another title"
    assert queries.sectors_of(program) == [Sector("99999", "An old code")]
    assert len(queries.participants_of(program)) == 2
    assert queries.gaps_of(program) == ["A gap."]


def test_saving_without_a_change_and_over_an_unseen_change_gets_a_sentence(client):
    program = make_program()
    client = signed_in(client, officer_of(program))
    address = f"/desk/programs/{program.uid}/edit/"
    opened = edited(program, client)

    assert "Nothing was changed" in text(client.post(address, opened))

    client.post(address, edited(program, client, title="By a colleague"))
    page = client.post(address, opened | {"title": "By me"})

    assert "Somebody else has changed this program" in text(page)
    assert Program.objects.get().title == "By a colleague"


def test_a_row_that_is_emptied_is_removed(client):
    program = make_program()
    client = signed_in(client, officer_of(program))
    empty = {"participants-0-organisation": "", "participants-0-role": ""}

    client.post(f"/desk/programs/{program.uid}/edit/", edited(program, client, **empty))

    assert len(queries.participants_of(program)) == 1


# --- Objectives and figures -----------------------------------------------


def test_an_officer_adds_and_changes_an_objective_from_the_form(client):
    impact = make_objective(level="impact")
    client = signed_in(client, officer_of(impact.program))
    new = f"/desk/programs/{impact.program.uid}/objectives/new/"
    assert client.get(new).status_code == 200

    client.post(new, {"title": "Doctors arrive", "level": "outcome", "parent": impact.uid})

    outcome = Objective.objects.get(level="outcome")
    edit = f"/desk/objectives/{outcome.uid}/edit/"
    assert outcome.parent == impact
    assert 'value="Doctors arrive"' in text(client.get(edit))
    client.post(
        edit, {"title": "Doctors arrive in time", "level": "outcome", "parent": "", "position": "1"}
    )
    outcome.refresh_from_db()
    assert (outcome.title, outcome.parent) == ("Doctors arrive in time", None)


def test_an_objective_in_the_wrong_place_gets_a_sentence_at_its_field(client):
    impact = make_objective(level="impact")
    client = signed_in(client, officer_of(impact.program))
    page = client.post(
        f"/desk/programs/{impact.program.uid}/objectives/new/",
        {"title": "Tents", "level": "output", "parent": impact.uid},
    )
    same = {"title": impact.title, "level": "impact", "parent": "", "position": impact.position}
    unchanged = client.post(f"/desk/objectives/{impact.uid}/edit/", same)

    assert "An output lies under an outcome" in page.context["form"].errors["parent"][0]
    assert "Nothing was changed" in text(unchanged)
    assert Objective.objects.count() == 1


def figure_fields(**fields):
    return {
        "label": "Yearly grant",
        "kind": "money",
        "qualifier": "about",
        "amount": "1300000000.50",
        "currency": "USD",
        "citation": "Budget report",
        "grade": "A",
    } | fields


def test_an_officer_records_and_corrects_a_figure_from_the_form(client):
    program = make_program()
    client = signed_in(client, officer_of(program))
    new = f"/desk/programs/{program.uid}/figures/new/"
    assert client.get(new).status_code == 200
    client.post(new, figure_fields())
    figure = StatedFigure.objects.get()
    correct = f"/desk/figures/{figure.uid}/correct/"

    opened = text(client.get(correct))
    client.post(correct, figure_fields(amount="1400000000"))

    (now,) = queries.figures_of(program)
    assert figure.value == Money.of("1300000000.50", "USD")
    assert 'value="1300000000.50"' in opened
    assert now.value == Money.of(1_400_000_000, "USD")
    assert now.replaces == figure
    assert client.get(correct).status_code == 400  # it has been corrected already


@pytest.mark.parametrize(
    "fields, name, sentence",
    [
        ({"amount": ""}, "amount", "Money needs its amount."),
        ({"currency": ""}, "currency", "Money needs its currency."),
        ({"currency": "QQQ"}, "currency", "Select a valid choice"),
        ({"amount": "1,300"}, "amount", "Write digits"),
        ({"amount": "1e999999"}, "amount", "no more than"),
        ({"amount": "NaN"}, "amount", "Write digits"),
        ({"amount": "1.5", "currency": "JPY"}, "amount", "more decimals than JPY has"),
        ({"quantity": "5"}, "quantity", "The kind chosen above does not use this"),
        ({"kind": "text"}, "words", "needs its words"),
        ({"kind": "quantity", "amount": "", "currency": ""}, "quantity", "needs its number"),
        ({"citation": ""}, "citation", "required"),
        ({"source_url": "javascript:alert(1)"}, "source_url", "valid URL"),
        (
            {"period_start": "2024-02-01", "period_end": "2024-01-01"},
            "__all__",
            "The period ends before it starts",
        ),
    ],
)
def test_a_figure_that_makes_no_sense_gets_a_sentence_at_its_field(client, fields, name, sentence):
    program = make_program()
    page = signed_in(client, officer_of(program)).post(
        f"/desk/programs/{program.uid}/figures/new/", figure_fields(**fields)
    )

    assert page.status_code == 200
    assert sentence in " ".join(page.context["form"].errors[name])
    assert not StatedFigure.objects.exists()


# --- Who comes in ----------------------------------------------------------


def addresses():
    program = make_program()
    figure, objective = make_figure(program=program), make_objective(program=program)
    return program, [
        f"/desk/programs/{program.uid}/edit/",
        f"/desk/programs/{program.uid}/objectives/new/",
        f"/desk/programs/{program.uid}/figures/new/",
        f"/desk/objectives/{objective.uid}/edit/",
        f"/desk/figures/{figure.uid}/correct/",
    ]


def test_a_stranger_finds_nothing_and_a_wrong_role_is_told_so(client):
    program, paths = addresses()
    auditor = make_person(Role.AUDITOR, organisation=program.owner)

    for path in paths:
        client.logout()
        assert client.get(path).status_code == 302, path
        client.force_login(make_person(Role.OFFICER))
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404), path
        client.force_login(auditor)
        assert (client.get(path).status_code, client.post(path).status_code) == (403, 403), path


def test_only_an_officer_of_an_organisation_opens_the_form_of_a_new_program(client):
    program = make_program()

    for person in (
        make_person(Role.AUDITOR, organisation=program.owner),
        make_person(Role.OFFICER, program=program),
    ):
        answer = signed_in(client, person).get("/desk/programs/new/")
        assert answer.status_code == 403


# --- Pieces for the program's page ----------------------------------------


def piece(name, program, **context):
    shown = Program.objects.for_page().get(pk=program.pk)
    context = {
        "program": shown,
        "objectives": queries.objective_tree(shown),
        "figures": list(queries.figures_of(shown)),
    } | context
    return render_to_string(f"programs/{name}.html", context)


def test_the_facts_name_everybody_who_takes_part_and_what_is_not_stated():
    program = make_program(sectors=[Sector("15210", "Security", None)], legal_authority="")

    html = piece("_facts", program)

    assert program.recipients[0].name in html
    assert "15210" in html
    assert "not stated" in html


def test_a_program_without_recipient_says_that_it_is_not_stated():
    program = make_program(participants=[])

    assert '<dt>Recipient</dt><dd><span class="notstated">' in piece("_facts", program)


def test_the_objectives_are_a_tree_and_only_those_who_may_are_offered_a_change():
    impact = make_objective(level="impact", title="Fewer deaths")
    make_objective(program=impact.program, parent=impact, title="Doctors arrive")

    html = piece("_objectives", impact.program)
    offered = piece("_objectives", impact.program, may_change=True)

    assert html.index("Fewer deaths") < html.index("<ul", 5) < html.index("Doctors arrive")
    assert "/edit/" not in html
    assert offered.count("/edit/") == 2
    assert offered.count("/objectives/new/") == 1
    assert "No objectives yet" in piece("_objectives", make_program())


def test_the_figures_say_how_the_source_words_them_and_what_it_does_not_state():
    program = make_program(gaps=["How much was withheld is not stated."])
    wrong = make_figure(program=program, qualifier="more_than", source_url="https://example.org/a")
    make_figure(
        program=program,
        label="Vehicles",
        kind="quantity",
        quantity=1200,
        unit="vehicles",
        qualifier="nearly",
        grade="B",
        period_text="each fiscal year since 1987",
    )

    html = piece("_figures", program)

    assert "more than <data" in html
    assert 'nearly <span class="num">1,200</span> vehicles' in html
    assert 'href="https://example.org/a"' in html
    assert "each fiscal year since 1987" in html
    assert "How much was withheld is not stated." in html
    assert "Grade A: stated on an official page" in html
    assert "/correct/" not in html

    make_figure(program=program, label="Right", amount=Money.of(7, "USD"), replaces=wrong)
    corrected = piece("_figures", program, may_change=True)

    assert '<del class="was">more than' in corrected
    assert corrected.count("/correct/") == 2


def test_participants_in_every_role_are_named():
    parts = [
        Participant(make_organisation(f"Office {role}"), role) for role in ParticipantRole.values
    ]
    html = piece("_facts", make_program(participants=parts))

    assert all(f"Office {role}" in html for role in ParticipantRole.values)


def test_a_program_without_donors_says_not_stated_in_the_list(client):
    program = make_program()
    program.participations.all().delete()

    text = signed_in(client, officer_of(program)).get("/desk/programs/").content.decode()

    assert ">None<" not in text
    assert text.count("not stated") >= 2

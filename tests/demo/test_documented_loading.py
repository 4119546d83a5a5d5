import json

from tracker.demo import documented, people
from tracker.programs.models import Nature, Program, StatedFigure


def test_every_documented_figure_is_loaded_with_its_citation_and_grade():
    cast = people.gather()

    programs = documented.load(cast)

    source = json.loads(documented.SOURCE.read_text("utf-8"))
    stated = sum(len(case["figures"]) for case in source["cases"])
    assert StatedFigure.objects.count() == stated > 100
    assert {p.nature for p in programs} == {Nature.DOCUMENTED}
    for program in Program.objects.all():
        assert not program.transactions.exists()
        assert program.gaps.exists()

from tests.factories.accounts import give_role, make_person
from tests.factories.programs import make_program
from tracker.programs.models import Program


def test_factories_work():
    program = make_program()
    person = make_person("approver", organisation=program.owner)
    other = make_person("approver")
    assert program in Program.objects.visible_to(person)
    assert program not in Program.objects.visible_to(other)
    give_role(other, "auditor", program=program)
    assert program in Program.objects.visible_to(other)

"""Loading the demo, part by part."""

from collections.abc import Callable

from django.db import transaction

from tracker.accounts.models import User
from tracker.demo import documented, illustrative, illustrative_samples, people
from tracker.shared.errors import Refused


def check_fresh() -> None:
    if User.objects.exists():
        raise Refused("This database has people in it: the demo goes into a fresh one only.")


@transaction.atomic
def everything(say: Callable[[str], None] = print) -> None:
    """Gather the cast, record the documented cases, play the illustrative program, publish: all or nothing."""
    say("Inviting people and handing out roles …")
    cast = people.gather()
    say("Recording the documented cases from the public record …")
    cases = documented.load(cast)
    say("Playing through the illustrative program …")
    illustrative.play(cast)
    say("Publishing …")
    documented.publish(cast, cases)


@transaction.atomic
def draw(say: Callable[[str], None] = print) -> None:
    """What needs a checkpoint over what was loaded: the seed of a sample is the hash of one. Sign one before."""
    say("Drawing the illustrative samples …")
    illustrative_samples.draw_and_test()

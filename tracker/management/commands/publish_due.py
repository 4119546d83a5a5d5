"""`manage.py publish_due`: makes public what was released under an embargo that is over."""

from typing import Any

from django.core.management.base import BaseCommand

from tracker.publishing.actions import lift_due_embargoes


class Command(BaseCommand):
    help = "Makes public what was released under an embargo that is over. journal_run does it in each round."

    def handle(self, *args: Any, **options: Any) -> None:
        moved = lift_due_embargoes()
        said = "1 program says" if moved == 1 else f"{moved or 'No'} programs say"
        self.stdout.write(f"{said} more in public than before.")

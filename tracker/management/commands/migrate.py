"""`migrate`, and after it the triggers and the cache table: SQLite drops triggers when it rebuilds a table."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from tracker.shared import triggers


class Command(Migrate):
    help = "Migrates, then installs every trigger that holds a rule of the house."

    def check(self, *args: Any, **options: Any) -> None:
        """Not asking the database whether its triggers are there: this command puts them there."""
        super().check(*args, **{**options, "databases": None})

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        if alias == "default" and "owner" in settings.DATABASES and not options.get("plan"):
            alias = options["database"] = "owner"
        if connections[alias].vendor == "sqlite" and self._has_work(alias, options):
            # SQLite cannot rename a rebuilt table while triggers of others still speak of it.
            with transaction.atomic(using=alias):
                triggers.drop(alias)
        try:
            super().handle(*args, **options)
        finally:
            self._install(alias)

    @staticmethod
    def _has_work(alias: str, options: dict[str, Any]) -> bool:
        if "tracker_user" not in connections[alias].introspection.table_names():
            return False
        executor = MigrationExecutor(connections[alias])
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return bool(pending or options["app_label"])

    @staticmethod
    def _install(alias: str) -> None:
        tables = connections[alias].introspection.table_names()
        declared = triggers.declared(connections[alias].vendor)
        if not all(trigger.table in tables for trigger in declared):
            return  # migrated backwards: the tables are gone
        with transaction.atomic(using=alias):
            triggers.install(alias)
        call_command("createcachetable", database=alias, verbosity=0)

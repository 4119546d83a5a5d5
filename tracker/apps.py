"""Where the rooms are put together: their journal kinds, their triggers, the checks."""

from django.apps import AppConfig
from django.core.checks import Tags
from django.core.checks import register as register_check


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "Countersign"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tracker.accounts import events as accounts_events
        from tracker.accounts import triggers as accounts_triggers
        from tracker.audits import actions as audits
        from tracker.audits import events as audits_events
        from tracker.audits import triggers as audits_triggers
        from tracker.journal import events as journal_events
        from tracker.journal import kinds, service
        from tracker.journal import triggers as journal_triggers
        from tracker.ledger import events as ledger_events
        from tracker.ledger import triggers as ledger_triggers
        from tracker.programs import events as programs_events
        from tracker.publishing import events as publishing_events
        from tracker.publishing import triggers as publishing_triggers
        from tracker.publishing.actions import lift_due_embargoes, release_what_moved
        from tracker.publishing.queries import sealed_for
        from tracker.results import events as results_events
        from tracker.shared import onward, sealing, triggers
        from tracker.shared.checks import triggers_are_in_place
        from tracker.uploads import events as uploads_events

        for events in (
            accounts_events,
            programs_events,
            results_events,
            ledger_events,
            uploads_events,
            audits_events,
            publishing_events,
            journal_events,
        ):
            kinds.register(events.KINDS)
        triggers.register(journal_triggers.TRIGGERS)
        triggers.register(accounts_triggers.TRIGGERS)
        triggers.register(ledger_triggers.TRIGGERS)
        triggers.register(audits_triggers.TRIGGERS)
        triggers.register(publishing_triggers.TRIGGERS)
        onward.listen(onward.AUDIT_MOVED, release_what_moved)
        sealing.decided_by(sealed_for)
        service.in_each_round(audits.expire_risks)
        service.in_each_round(lift_due_embargoes)
        register_check(triggers_are_in_place, Tags.database)
        self._register_projections()

    @staticmethod
    def _register_projections() -> None:
        from tracker.accounts import projections as accounts
        from tracker.audits import projections as audits
        from tracker.journal import projections
        from tracker.journal.projections import own as journal
        from tracker.ledger import projections as ledger
        from tracker.programs import projections as programs
        from tracker.publishing import projections as publishing
        from tracker.results import projections as results
        from tracker.uploads import projections as uploads

        for room in (journal, accounts, programs, results, ledger, uploads, audits, publishing):
            projections.register(room.PROJECTIONS)
        projections.leave_out(accounts.NOT_PROJECTED)
        projections.leave_out(audits.NOT_PROJECTED)
        projections.leave_out(publishing.NOT_PROJECTED)

"""The views of responsible officials on a finding (GAGAS 2018, 9.50): published with it, never with a person's name."""

from tracker.audits.models import DraftComment, Finding
from tracker.audits.queries import views_of
from tracker.publishing.content.cells import Cells, cells_of


def cells(finding: Finding) -> Cells:
    """What each organisation holds, oldest first; the words in the same order, so that they alone can be withheld.

    A comment that law had erased has empty words. `answered` are the auditors' words, null where none were given.
    """
    views = list(views_of(finding))
    return cells_of(
        views=[
            {
                "organisation": view.organisation.name,
                "stance": view.stance,
                "changed": view.reply.changed if hasattr(view, "reply") else None,
            }
            for view in views
        ],
        view_words=[_words(view) for view in views],
    )


def _words(view: DraftComment) -> dict[str, str | None]:
    answered = view.reply.text.note if hasattr(view, "reply") else None
    return {"said": view.text.note, "answered": answered}

"""How fast a report is printed."""

from tests.bench.measuring import say, seconds
from tests.publishing.documents import make_document, read
from tracker.publishing.pdf import page, render


def printing() -> None:
    """Each round prints another title: the typesetter remembers what it has set."""
    for rows in (70, 4700):
        numbers = iter(range(1000))
        pages = len(read(render(*make_document(rows=rows))).pages)

        def printed(rows: int = rows, numbers=numbers) -> None:
            render(*make_document(rows=rows, title=f"Report {next(numbers)}"))

        say(f"a report of {pages} pages as PDF", f"{seconds(printed, 3) * 1000:,.0f} ms")
    taken = seconds(lambda: page(*make_document(rows=4700)), 3)
    say("the same as one HTML page", f"{taken * 1000:,.0f} ms")

"""A report's document with something of everything, as `content/document.py` makes it; and what a second reader sees."""

import hashlib
import io
from collections.abc import Iterator

import pypdf
from PIL import Image
from pypdf.generic import ArrayObject, DictionaryObject

UID = "3f2c0a9e-5b1d-4c7e-9a60-1f2e3d4c5b6a"
WORDS = (
    "Between January and June two field laboratories reached Mykolaiv (Миколаїв). Of 41,250,000.00 USD that were "
    "committed, 31,310,500.00 USD were disbursed.\n\nThe second delivery came six weeks late; the reasons are told below."
)
CHART = {
    "kind": "chart",
    "title": "From promise to use",
    "description": "Of 48 million promised, 86 % were committed, 65 % disbursed, and a third was used.",
    "unit": "USD",
    "columns": ["Stage", "Amount"],
    "rows": [
        ["Promised", {"minor": 4800000000, "text": "48,000,000.00"}],
        ["Committed", {"minor": 4125000000, "text": "41,250,000.00"}],
        ["Disbursed", {"minor": 3131050000, "text": "31,310,500.00"}],
        ["Received", {"minor": None, "text": "withheld"}],
        ["Used", {"minor": 1588412000, "text": "15,884,120.00"}],
    ],
}
YEARS = {
    "kind": "chart",
    "title": "By fiscal year",
    "description": "Commitments fell from 2022 on while disbursements rose; in 2023 more came back than was paid.",
    "unit": "USD",
    "columns": ["Year", "Committed", "Disbursed"],
    "rows": [
        ["2022", {"number": "30.5", "text": "30.50"}, {"number": "10", "text": "10.00"}],
        ["2023", {"number": "20", "text": "20.00"}, {"number": "-5", "text": "−5.00"}],
        ["2024", {"number": "5", "text": "5.00"}, {"number": "25", "text": "25.00"}],
    ],
}


def picture() -> tuple[dict, bytes]:
    held = io.BytesIO()
    Image.linear_gradient("L").resize((640, 240)).save(held, "PNG")
    raw = held.getvalue()
    block = {"kind": "image", "sha256": hashlib.sha256(raw).hexdigest(), "media": "image/png"}
    block |= {"width": 640, "height": 240, "description": "The laboratory, seen from the road."}
    return block, raw


def payments(rows: int) -> dict:
    return {
        "kind": "table",
        "caption": "Every payment of the period",
        "columns": ["Day", "Kind", "Payee", "Amount"],
        "head_column": True,
        "rows": [
            [f"2024-0{i % 6 + 1}-1{i % 9}", "disbursement", f"Supplier {i}", f"{i * 1234:,}.00 USD"]
            for i in range(1, rows + 1)
        ],
    }


def make_document(*sections: dict, rows: int = 70, **more) -> tuple[dict, dict[str, bytes]]:
    """The document and its pictures. `sections` in the place of the usual ones."""
    block, raw = picture()
    figures = {"token": "x", "label": "Disbursed in the period", "text": "31,310,500.00 USD"}
    usual = [
        section("Summary", {"kind": "text", "text": WORDS}, figures_of(figures)),
        section("From promise to use", CHART, YEARS, block),
        {"heading": "An older section", "body": "Words alone.\n\nIn two paragraphs."},
        section("Annex", payments(rows)),
    ]
    made = {
        "title": "Medical support for Mykolaiv: what was delivered in the first half of 2024",
        "subtitle": "An illustrative program: nothing of it happened.",
        "program": "Medical support for Mykolaiv",
        "owner": "Ministry of Defence of Norland",
        "period": ["2024-01-01", "2024-06-30"],
        "kind_label": "progress report",
        "release": {"uid": UID, "number": 4, "data_until": "2024-07-31", "journal_size": 10421},
        "published_on": "2024-07-31",
        "check_url": f"https://countersign.example/reports/{UID}/",
        "sections": list(sections) or usual,
        "withheld": [
            {
                "what": "Payee of 12 payments",
                "category": "safety or harm",
                "reason": "Staff were threatened.",
            }
        ],
    }
    return made | more, {block["sha256"]: raw}


def figures_of(figure: dict) -> dict:
    return {"kind": "figures", "figures": [figure | {"row": "ab" * 32}]}


def section(heading: str, *blocks: dict) -> dict:
    return {"heading": heading, "body": "", "blocks": list(blocks)}


def told(text: str, heading: str = "Summary") -> tuple[dict, dict[str, bytes]]:
    """A report that says nothing but this."""
    return make_document(section(heading, {"kind": "text", "text": text}))


# --- The second reader ------------------------------------------------------------------------------------------------


def read(raw: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(raw))


def text_of(raw: bytes) -> str:
    pages = (page.extract_text() for page in read(raw).pages)
    return "\n".join(pages).replace("\u200b", "")


def flowing(raw: bytes) -> str:
    """The text with all white space alike: where lines break is the typesetter's business."""
    return " ".join(text_of(raw).split())


def tags(reader: pypdf.PdfReader) -> list[DictionaryObject]:
    """The elements of the tag tree, in reading order."""
    return list(_walk(reader.root_object["/StructTreeRoot"]["/K"]))


def _walk(found) -> Iterator[DictionaryObject]:
    found = found.get_object()
    if isinstance(found, ArrayObject):
        for one in found:
            yield from _walk(one)
    elif isinstance(found, DictionaryObject) and "/S" in found:
        yield found
        if "/K" in found:
            yield from _walk(found["/K"])


def attributes(tag: DictionaryObject) -> dict:
    found = tag.get("/A", [])
    found = [found] if isinstance(found, DictionaryObject) else found
    return {name: value for one in found for name, value in one.get_object().items()}

"""Which characters a report can be printed with. Found out by printing them: the typeface itself is asked.

A character without a glyph would be an empty box in the file of record, and one that turns the direction of the text makes
a page say something else than its bytes. Both are refused with the section in which they stand.
"""

import json
import unicodedata
from collections.abc import Iterable

import typst

from tracker.publishing.pdf.typesetter import STANDARDS
from tracker.shared.errors import Refused

# Fonts that come with typst. Those of the machine would make the bytes depend on it.
FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
# Each character stands after a letter, as a mark on it would, and in both weights that the template uses.
_TRIAL = """
#set document(title: "Trial")
#set text(font: "Libertinus Serif", fallback: false, lang: "en")
#set par(leading: 0pt)
#for c in json(bytes(sys.inputs.text)) [#("a" + c) #text(weight: 600, "a" + c) ]
"""
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060"}  # where a word may break or not
_REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_printable: set[str] = set(map(chr, range(0x20, 0x7F)))


def check(texts: Iterable[tuple[str, str]]) -> None:
    """Refuses the first character that cannot be printed. `texts` are pairs of a place (“the title”) and its text."""
    places: dict[str, str] = {}
    for place, text in texts:
        for char in sorted(set(text) - _printable - _INVISIBLE - {"\n"} - places.keys()):
            _check_category(place, char)
            places[char] = place
    if (bad := _first_without_glyph(list(places))) is not None:
        raise Refused(
            f"{places[bad]} has the character {_named(bad, show=True)}, and the typeface of the PDF has no sign for it. "
            "Write it with Latin, Greek or Cyrillic letters."
        )
    _printable.update(places)


def _check_category(place: str, char: str) -> None:
    if unicodedata.category(char) in _REFUSED:
        raise Refused(
            f"{place} has the character {_named(char)}, which is not seen and can make a page read otherwise than it "
            "is written. Take it out."
        )


def _named(char: str, *, show: bool = False) -> str:
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "without a name").lower()
    return f"“{char}” ({code}, {name})" if show else f"{code} ({name})"


def _first_without_glyph(chars: list[str]) -> str | None:
    """By halving: one trial when all is well, and a handful when not."""
    if _prints(chars):
        return None
    while len(chars) > 1:
        half = len(chars) // 2
        chars = chars[half:] if _prints(chars[:half]) else chars[:half]
    return chars[0]


def _prints(chars: list[str]) -> bool:
    if not chars:
        return True
    compiler = typst.Compiler(
        _TRIAL.encode(),
        ignore_system_fonts=True,
        font_paths=FONTS,
        sys_inputs={"text": json.dumps(chars)},
    )
    try:
        compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=0)  # type: ignore[arg-type]
    except typst.TypstError:
        return False
    return True

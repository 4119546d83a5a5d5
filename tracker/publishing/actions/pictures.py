"""Pictures for reports: decoded, and written anew. Whatever was beside the picture in the file is gone."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.shared.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 12_000_000
LONGEST_SIDE = 8_000
_STARTS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
_MODES = {"PNG": ("L", "LA", "RGB", "RGBA"), "JPEG": ("L", "RGB")}


@dataclass(frozen=True)
class Picture:
    """A picture and nothing else: no place, no camera, no name, no second picture behind it."""

    raw: bytes
    media: str
    width: int
    height: int


def clean(raw: bytes) -> Picture:
    """The picture in these bytes, written anew. Raises Refused with a sentence for what is no fit picture."""
    kind = _kind_of(raw)
    try:
        picture = _decoded(raw, kind)
        written = _written(picture, kind)
    except Refused:
        raise
    # what a hostile file makes a decoder say
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError) as error:
        raise _unreadable() from error
    except (struct.error, zlib.error, OverflowError, MemoryError) as error:
        raise _unreadable() from error
    return Picture(written, f"image/{kind.lower()}", picture.width, picture.height)


def _unreadable() -> Refused:
    return Refused({"file": "The picture cannot be read to its end: save it anew, then add it."})


def _kind_of(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        limit = f"{MOST_BYTES // 1024 // 1024} MB"
        raise Refused({"file": f"The picture is larger than {limit}: make it smaller."})
    for start, kind in _STARTS.items():
        if raw.startswith(start):
            return kind
    raise Refused({"file": "This is no PNG and no JPEG: save the picture as one of them."})


def _decoded(raw: bytes, kind: str) -> "Image":
    from PIL import Image, ImageOps

    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        picture = Image.open(io.BytesIO(raw), formats=[kind])
    except bombs:
        raise _too_many_pixels() from None
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise _too_many_pixels()
    if getattr(picture, "n_frames", 1) > 1 or getattr(picture, "is_animated", False):
        raise Refused({"file": "The picture moves, or is several: add one that stands still."})
    picture.load()
    return _plain(ImageOps.exif_transpose(picture), kind)


def _too_many_pixels() -> Refused:
    most = f"{MOST_PIXELS // 1_000_000} million pixels, {LONGEST_SIDE:,} on a side"
    return Refused({"file": f"The picture has more than {most}: make it smaller."})


def _plain(picture: "Image", kind: str) -> "Image":
    """In a mode that every reader knows, and without anything that came with it."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        # sixteen bits of grey: the upper eight are what a page shows
        picture = picture.convert("I").point(lambda level: level / 256).convert("L")
    elif picture.mode not in _MODES[kind]:
        clear = kind == "PNG" and picture.has_transparency_data
        picture = picture.convert("RGBA" if clear else "RGB")
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _written(picture: "Image", kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        picture.save(out, "PNG", optimize=True)
    else:
        picture.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()

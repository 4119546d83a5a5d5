"""Pictures in reports: hostile until decoded and written anew; public only with a report that carries them."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.factories.accounts import give_role, make_person
from tests.factories.ledger import approver_of
from tests.factories.programs import make_program
from tests.factories.publishing import edit, make_report, make_report_at, publish_report
from tests.factories.reports import add_image, picture
from tracker.accounts.models import Role
from tracker.journal.queries import history_of
from tracker.publishing import actions, queries
from tracker.publishing.actions import pictures as images
from tracker.publishing.images import path_of, read
from tracker.publishing.models import PublishedReport, ReportImage
from tracker.publishing.queries import Section
from tracker.shared.errors import NotAllowed, Refused


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width, height):
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind, media", [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_is_written_anew(kind, media):
    found = images.clean(picture(kind))

    assert (found.media, found.width, found.height) == (media, 40, 30)
    assert Image.open(io.BytesIO(found.raw)).size == (40, 30)


def test_the_same_picture_gives_the_same_bytes():
    assert images.clean(picture("JPEG")).raw == images.clean(picture("JPEG")).raw


def with_place():
    exif = Image.Exif()
    exif[0x010E] = "MARKER description"
    exif[0x0110] = "MARKER camera"
    exif.get_ifd(0x8825)[29] = "MARKER place"
    return exif


def test_place_camera_and_description_are_gone_from_a_jpeg():
    raw = picture("JPEG", exif=with_place(), comment=b"MARKER comment", icc_profile=b"MARKER icc")
    assert raw.count(b"MARKER") == 5

    found = images.clean(raw)

    assert b"MARKER" not in found.raw and b"Exif" not in found.raw
    assert not Image.open(io.BytesIO(found.raw)).getexif()


def test_texts_and_profiles_are_gone_from_a_png():
    told = PngInfo()
    told.add_text("Author", "MARKER author")
    told.add_itxt("XML:com.adobe.xmp", "MARKER xmp")
    raw = picture("PNG", pnginfo=told, exif=with_place(), icc_profile=b"MARKER icc")
    assert b"MARKER" in raw

    found = images.clean(raw)

    assert {found.raw[i : i + 4] for i in range(12, 16)} & {b"IHDR"}
    for name in (b"tEXt", b"iTXt", b"eXIf", b"iCCP", b"MARKER"):
        assert name not in found.raw


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_hangs_behind_the_picture_is_gone(kind):
    found = images.clean(picture(kind) + b"PK\x03\x04 MARKER <script>alert(1)</script>")

    assert b"MARKER" not in found.raw and b"script" not in found.raw


def test_a_picture_that_was_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    found = images.clean(picture("JPEG", exif=exif))

    assert (found.width, found.height) == (30, 40)


@pytest.mark.parametrize(
    "mode, color",
    [("P", 3), ("1", 1), ("L", 9), ("LA", (9, 9)), ("RGBA", (1, 2, 3, 4)), ("I;16", 99)],
)
def test_every_mode_of_png_comes_out_as_a_plain_one(mode, color):
    found = images.clean(picture("PNG", mode=mode, color=color))

    assert Image.open(io.BytesIO(found.raw)).mode in ("L", "LA", "RGB", "RGBA")


def test_colours_for_printing_come_out_as_colours_for_a_screen():
    found = images.clean(picture("JPEG", mode="CMYK", color=(1, 2, 3, 4)))

    assert Image.open(io.BytesIO(found.raw)).mode == "RGB"


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(Refused, match="larger than 5 MB"):
        images.clean(picture() + b"\0" * images.MOST_BYTES)


@pytest.mark.parametrize(
    "size", [(5000, 5000), (9000, 10), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(Refused, match=r"more than 12 million pixels|cannot be read"):
        images.clean(bomb(*size))


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"hello", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"),
        picture("GIF"),
        picture("WEBP"),
        picture("BMP"),
        picture("TIFF"),
    ],
)
def test_what_is_no_png_and_no_jpeg_is_refused(raw):
    with pytest.raises(Refused, match="no PNG and no JPEG"):
        images.clean(raw)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_that_ends_too_early_is_refused(kind):
    raw = picture(kind, size=(400, 300), color="red")

    for end in (8, 20, len(raw) // 2, len(raw) - 30):
        with pytest.raises(Refused, match="cannot be read"):
            images.clean(raw[:end])


def test_a_header_without_a_picture_is_refused():
    with pytest.raises(Refused, match="cannot be read"):
        images.clean(b"\x89PNG\r\n\x1a\n" + b"MZ" * 400)


def test_a_picture_that_moves_is_refused():
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])

    with pytest.raises(Refused, match="moves"):
        images.clean(out.getvalue())


def test_several_pictures_in_one_jpeg_are_refused():
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])

    with pytest.raises(Refused, match="several"):
        images.clean(out.getvalue())


# --- In a report --------------------------------------------------------------


def shown(report, image):
    """Published with the picture in it."""
    section = Section("Summary", "Words", image=image, image_description="Tents in a row.")
    edit(report, sections=[section])
    actions.submit_report(report=report, by=report.drafted_by)
    actions.accept_report(report=report, by=approver_of(report.program))
    publish_report(report)


def test_a_picture_is_stored_once_under_its_digest_and_journalled():
    report = make_report()

    first, again = add_image(report), add_image(report)
    other = add_image(make_report())

    assert first == again
    assert other.sha256 == first.sha256
    assert default_storage.exists(path_of(first.sha256))
    assert history_of(first)[0].sentence == "A picture was added to the report: 40 × 30, image/png."


def test_only_who_writes_in_a_report_adds_pictures():
    report = make_report()

    for person in (approver_of(report.program), make_person(Role.OFFICER)):
        with pytest.raises(NotAllowed):
            actions.add_image(report=report, file=io.BytesIO(picture()), by=person)
    with pytest.raises(Refused, match="only a draft or a returned report"):
        add_image(make_report_at("in_review"))


def test_who_put_a_picture_into_a_report_does_not_review_it():
    report = make_report_at("draft")
    other = make_person(Role.OFFICER, organisation=report.program.owner)
    give_role(other, Role.APPROVER, organisation=report.program.owner)
    actions.add_image(report=report, file=io.BytesIO(picture()), by=other)
    actions.submit_report(report=report, by=report.drafted_by)

    with pytest.raises(NotAllowed, match="put a picture into it"):
        actions.accept_report(report=report, by=other)
    assert other not in queries.reviewers_of(report)


def test_a_report_has_not_more_pictures_than_it_may(monkeypatch):
    monkeypatch.setattr("tracker.publishing.actions.report_parts.MOST_IMAGES", 1)
    report = make_report()
    add_image(report)

    with pytest.raises(Refused, match="at most 1 pictures"):
        add_image(report, picture(color="red"))


def test_a_hostile_file_leaves_nothing():
    report = make_report()

    with pytest.raises(Refused):
        add_image(report, b"<svg onload=alert(1)>")

    assert not ReportImage.objects.exists()


def test_a_picture_is_public_only_with_a_public_report_that_carries_it(client):
    report = make_report(make_program())
    image, unused = add_image(report), add_image(report, picture(color="red"))
    assert client.get(f"/files/{image.sha256}").status_code == 404

    shown(report, image)

    answer = client.get(f"/files/{image.sha256}")
    assert answer.status_code == 200
    assert answer.content == read(image.sha256)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/files/{unused.sha256}").status_code == 404
    page = client.get(f"/reports/{report.uid}/").content.decode()
    assert f'src="/files/{image.sha256}" alt="Tents in a row."' in page


def test_a_picture_of_a_report_that_is_no_longer_listed_is_not_public(client):
    report = make_report(make_program())
    image = add_image(report)
    shown(report, image)
    PublishedReport.objects.filter(uid=report.uid).delete()

    assert client.get(f"/files/{image.sha256}").status_code == 404


def test_other_files_of_a_release_are_not_pictures(client):
    report = make_report_at("published")
    file = report.release.files.get(name="report.json")

    assert client.get(f"/files/{file.sha256}").status_code == 404


def test_a_picture_that_was_changed_in_the_store_is_not_shown(client):
    report = make_report(make_program())
    image = add_image(report, picture(color="green"))
    shown(report, image)
    with default_storage.open(path_of(image.sha256), "wb") as file:
        file.write(b"another picture")

    assert client.get(f"/files/{image.sha256}").status_code == 404

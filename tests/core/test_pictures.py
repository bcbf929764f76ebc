import io
import zlib

import pytest
from django.urls import reverse
from PIL import Image

from core.picture_errors import PictureTooLarge, PictureUnusable
from core.pictures import draw
from core.services.pictures import keep_picture
from tests.pictures import moving, painted, with_place
from tests.shops import open_shop

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def opened(content):
    return Image.open(io.BytesIO(content))


def claimed(width, height):
    """A PNG of a few bytes that claims to be so large."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"\x78\x9c\x63")


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_in_two_widths(kind):
    drawn = draw(painted(1200, 800, kind=kind))

    assert (drawn.width, drawn.height) == (960, 640)
    assert [(opened(one).format, opened(one).size) for one in (drawn.content, drawn.small)] == [
        ("WEBP", (960, 640)),
        ("WEBP", (320, 213)),
    ]


def test_a_small_picture_is_not_blown_up():
    drawn = draw(painted(100, 300))

    assert (drawn.width, drawn.height) == (100, 300)


@pytest.mark.proves("input 88")
@pytest.mark.parametrize(
    "uploaded",
    [
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"",
        b"GIF89a" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n",
        b"%PDF",
    ],
)
def test_only_three_formats_are_pictures_whatever_the_file_is_called(uploaded):
    with pytest.raises(PictureUnusable):
        draw(uploaded)

    assert "PNG, JPEG, WebP only" in str(PictureUnusable())


@pytest.mark.proves("input 89")
def test_what_hides_behind_a_picture_is_left_behind():
    drawn = draw(painted(40, 40) + b"<html><script>alert(1)</script></html>")

    assert b"script" not in drawn.content
    assert b"script" not in drawn.small


@pytest.mark.proves("input 89")
@pytest.mark.parametrize("size", [(30_000, 30_000), (4001, 4000), (2**31 - 1, 1)])
def test_a_vast_picture_is_refused_before_it_is_decoded(size):
    with pytest.raises(PictureTooLarge):
        draw(claimed(*size))


def test_a_heavy_file_is_refused_unopened():
    with pytest.raises(PictureTooLarge):
        draw(painted(10, 10) + b"\0" * (2 * 1024 * 1024))


@pytest.mark.proves("input 89")
def test_of_an_animation_the_first_frame_is_kept():
    drawn = draw(moving(10_000))

    red, green, blue = opened(drawn.content).convert("RGB").getpixel((1, 1))
    assert getattr(opened(drawn.content), "n_frames", 1) == 1
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.proves("input 89")
def test_a_photograph_stands_upright_and_forgets_its_place():
    assert opened(with_place()).getexif().get_ifd(0x8825)

    drawn = draw(with_place())

    assert (drawn.width, drawn.height) == (40, 60)
    assert dict(opened(drawn.content).getexif()) == {}
    assert b"EXIF" not in drawn.content


@pytest.fixture
def kept(db):
    shop = open_shop()
    return keep_picture(organization_id=shop.organization.pk, drawn=draw(painted()))


def test_the_same_picture_is_kept_once_per_organization(kept):
    drawn = draw(painted())

    again = keep_picture(organization_id=kept.organization_id, drawn=drawn)
    elsewhere = keep_picture(organization_id=open_shop("other").organization.pk, drawn=drawn)

    assert again.pk == kept.pk
    assert elsewhere.digest != kept.digest


@pytest.mark.proves("input 89")
@pytest.mark.parametrize(("name", "width"), [("picture", 960), ("small_picture", 320)])
def test_a_picture_is_served_as_nothing_else(client, kept, name, width):
    answer = client.get(reverse(name, args=[kept.digest]))

    assert opened(answer.content).width == width
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["Cache-Control"]


def test_an_unknown_picture_is_nowhere(client, kept):
    assert client.get(f"/media/{'0' * 64}.webp").status_code == 404
    assert client.get(f"/media/{kept.digest.upper()}.webp").status_code == 404
    assert client.get(f"/media/{kept.digest}.svg").status_code == 404

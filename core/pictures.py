"""Uploaded pictures: looked at without trust, drawn anew, and nothing else of them kept."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from core.picture_errors import PictureTooLarge, PictureUnusable

BYTES_MAX = 2 * 1024 * 1024
PIXELS_MAX = 16_000_000
LARGE_WIDTH = 960
SMALL_WIDTH = 320
FORMATS = ("PNG", "JPEG", "WEBP")
QUALITY = 82
DIGEST_LENGTH = 64

Image.MAX_IMAGE_PIXELS = PIXELS_MAX  # whoever opens a picture in this process


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as WebP in two widths, in pixels; nothing of the file it came from is in it."""

    content: bytes
    small: bytes
    width: int
    height: int


def draw(uploaded: bytes) -> Drawn:
    """Draw an uploaded picture anew: its first frame, upright, without what else the file says.

    Raises ``PictureTooLarge`` before anything is decoded, and ``PictureUnusable`` for what is
    no PNG, JPEG or WebP, whatever it calls itself.
    """
    if len(uploaded) > BYTES_MAX:
        raise PictureTooLarge
    try:
        return _drawn(uploaded)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PictureTooLarge from bomb
    # A broken file can fail in as many ways as there are decoders.
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError) as error:
        raise PictureUnusable from error


def digest_of(organization_id: int, drawn: Drawn) -> str:
    """Return the name of a picture, which nobody guesses who does not have it."""
    return hashlib.sha256(b"%d:" % organization_id + drawn.content).hexdigest()


def _drawn(uploaded: bytes) -> Drawn:
    with Image.open(io.BytesIO(uploaded), formats=FORMATS) as checked:
        _refuse_vast(checked)
        checked.verify()
    with Image.open(io.BytesIO(uploaded), formats=FORMATS) as opened:
        opened.seek(0)
        upright = ImageOps.exif_transpose(opened)
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    large = _scaled(plain, LARGE_WIDTH)
    content, small = _written(large), _written(_scaled(large, SMALL_WIDTH))
    return Drawn(content, small, large.width, large.height)


def _refuse_vast(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS_MAX:
        raise PictureTooLarge


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _written(picture: Image.Image) -> bytes:
    """Write the pixels alone: the colors' profile and the place are told to nobody."""
    target = io.BytesIO()
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    clean.save(target, "WEBP", quality=QUALITY, method=4)
    return target.getvalue()

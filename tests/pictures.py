"""Pictures for tests: plain ones, and those that somebody made to hurt."""

from __future__ import annotations

import io

from PIL import Image


def painted(
    width: int = 1200,
    height: int = 800,
    *,
    kind: str = "PNG",
    color: str = "#c85a2b",
    **options: object,
) -> bytes:
    """Return a picture of one color as a file."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), color).save(target, kind, **options)
    return target.getvalue()


def moving(frames: int, size: int = 4) -> bytes:
    """Return an animated WebP, its first frame red."""
    target = io.BytesIO()
    colors = [(255, 0, 0), *((0, at % 256, at // 256) for at in range(frames - 1))]
    first, *rest = [Image.new("RGB", (size, size), color) for color in colors]
    first.save(target, "WEBP", save_all=True, append_images=rest, lossless=True, method=0)
    return target.getvalue()


def with_place(orientation: int = 6) -> bytes:
    """Return a photograph that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "W", 4: (0.0, 7.0, 0.0)})
    return painted(60, 40, kind="JPEG", exif=exif.tobytes())

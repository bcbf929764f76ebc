"""Card numbers as scanners read them: a QR code and Code 128 bars, dark on light.

Both are images of their own, so that no page's style and no page's policy is concerned.
"""

from __future__ import annotations

from urllib.parse import quote

import segno
from barcode import Code128

QUIET = 10  # modules of nothing on either side, as the standard asks
HEIGHT = 48
DARK = "1"


def qr_code(number: str) -> str:
    """Return a QR code of the number, as the address of an image."""
    drawn: str = segno.make(number, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return drawn


def bars(number: str) -> str:
    """Return the number in Code 128, as the address of an image."""
    [modules] = Code128(number).build()
    width = len(modules) + 2 * QUIET
    path = "".join(
        f"M{QUIET + at} 0h1v{HEIGHT}h-1z" for at, module in enumerate(modules) if module == DARK
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/><path d="{path}"/></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"

"""The tokens: the one place for colors and sizes, with contrast that is computed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

STYLES = Path(settings.BASE_DIR, "static", "css")
TOKENS = (STYLES / "tokens.css").read_text()
COLORS = {
    name: shades
    for name, *shades in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
SCALES = ("--bs-", "--size-", "--space-")
GROUNDS = ["surface", "raised", "sunken"]
INKS = ["text", "muted", "brand", "accent", "good", "caution", "danger", "info"]
TINTED = ["brand", "accent", "good", "caution", "danger", "info"]
WORDS = [
    *[(ink, ground) for ink in INKS for ground in GROUNDS],
    *[(ink, f"{ink}-soft") for ink in TINTED],
    *[("text", f"{ink}-soft") for ink in TINTED],
    ("muted", "brand-soft"),
    *[
        (ink, ground)
        for ink in ["on-hero", "on-hero-muted", "on-hero-accent"]
        for ground in ["hero"]
    ],
    *[(ink, "hero-shade") for ink in ["on-hero", "on-hero-muted", "on-hero-accent"]],
    *[("on-brand", ground) for ground in ["brand", "brand-strong"]],
    *[("on-danger", ground) for ground in ["danger", "danger-strong"]],
]
EDGES = [(edge, ground) for edge in ["line-strong", "accent", "brand"] for ground in GROUNDS]


def luminance(color: str) -> float:
    """Return how much light a color gives, as WCAG defines it."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, from 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_can_be_read(ink, ground, theme):
    assert contrast(COLORS[ink][theme], COLORS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_fields_and_focus_can_be_seen(edge, ground, theme):
    assert contrast(COLORS[edge][theme], COLORS[ground][theme]) >= 3


@pytest.mark.parametrize("file", sorted(STYLES.glob("*.css")), ids=lambda file: file.name)
def test_only_the_tokens_name_a_color_or_a_size(file):
    rules = re.sub(r"/\*.*?\*/|@media[^{]*", "", file.read_text(), flags=re.DOTALL)

    named = re.findall(
        r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(|\b[\d.]+(?:px|rem|em|ms)\b", rules
    )

    assert (file.name == "tokens.css") == bool(named), named


def test_every_token_in_use_is_defined_and_every_defined_one_is_in_use():
    rules = "".join(file.read_text() for file in STYLES.glob("*.css"))
    used = set(re.findall(r"var\((--[\w-]+)", rules))
    defined = set(re.findall(r"(--[\w-]+):", rules))

    assert used - defined == set()
    assert [name for name in defined - used if not name.startswith(SCALES)] == []

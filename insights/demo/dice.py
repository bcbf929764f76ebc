"""Chance that falls the same way every time."""

from __future__ import annotations

from random import Random


def dice(*seeds: int) -> Random:
    """Return dice of which the same seeds always throw the same."""
    return Random(":".join(map(str, seeds)))  # noqa: S311

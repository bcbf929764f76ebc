"""What a rule can give: points, and things that are counted like them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Unit(StrEnum):
    """What is counted."""

    POINTS = "points"
    STAMPS = "stamps"
    STEPS = "steps"
    CREDITS = "credits"
    VOUCHERS = "vouchers"
    TICKETS = "tickets"


class Goal(NamedTuple):
    """What something goes to: the card of stamps, the reward of vouchers, by its code."""

    unit: Unit
    target: str = ""

"""What points wait for before they can be spent, where a number of days does not say it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from loyalty.earning.vocabulary.parts import Day, Part


class WaitsUntilDate(Part):
    """The points can be spent from one day on; once it is there, they wait no longer."""

    type: Literal["date"]
    date: Day


class WaitsForEvent(Part):
    """The points can be spent once their purchase is settled, and lapse if it is not in time."""

    type: Literal["event"]
    deadline_days: Annotated[int, Field(strict=True, ge=1, le=365)]


Waiting = WaitsUntilDate | WaitsForEvent

# By their type, in the order in which forms offer them.
WAITING: dict[str, type[Part]] = {"date": WaitsUntilDate, "event": WaitsForEvent}

"""How long points last; a program has one answer and a rule may have its own."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.vocabulary.parts import Day, Part, fault


class NeverExpires(Part):
    """The points stay until they are spent."""

    type: Literal["never"]


class Lasting(Part):
    """The points can be spent for so long, perhaps rounded up."""

    type: str
    months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=3660)] | None = None
    round_up: Literal["month", "quarter", "year"] | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise fault("one_length", _("Give either months or days."))
        return self


class ExpiresAfter(Lasting):
    """They last so long after they became available."""

    type: Literal["after"]


class ExpiresWhenInactive(Lasting):
    """They last so long after the last thing the member did, or after they became available."""

    type: Literal["inactive"]


class ExpiresOn(Part):
    """The points can be spent until the end of one day."""

    type: Literal["on"]
    date: Day


Expiry = NeverExpires | ExpiresAfter | ExpiresWhenInactive | ExpiresOn

# By their type, in the order in which forms offer them.
EXPIRY: dict[str, type[Part]] = {
    "never": NeverExpires,
    "after": ExpiresAfter,
    "inactive": ExpiresWhenInactive,
    "on": ExpiresOn,
}

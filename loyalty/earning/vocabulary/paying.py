"""What a program says about points that pay for purchases."""

from __future__ import annotations

from typing import Annotated, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.vocabulary.parts import Cap, Part, fault


class PayWithPoints(Part):
    """How few and how many points may pay for one purchase."""

    minimum: Cap = 1
    step: Cap = 1
    share_max: Annotated[int, Field(strict=True, ge=1, le=100)] = 100
    points_max: Cap | None = None

    @model_validator(mode="after")
    def _can_be_paid(self) -> Self:
        least = -(-self.minimum // self.step) * self.step
        if self.points_max is not None and self.points_max < least:
            raise fault(
                "points_max_below_minimum",
                _("Let the most points be at least as many as the fewest, in whole steps."),
            )
        return self

"""The one figure by which a shop wants to know whether its program works."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.vocabulary.parts import Part, fault

GoalKind = Literal["member_sales", "active_members", "new_members"]
PERCENT_MAX = 100


class Goal(Part):
    """A figure of the last thirty days, and how high it is to be."""

    kind: GoalKind
    target: Annotated[int, Field(strict=True, ge=1, le=10**9)]

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.kind == "member_sales" and self.target > PERCENT_MAX:
            raise fault("beyond_all", _("This is a percentage: 100 at most."))
        return self

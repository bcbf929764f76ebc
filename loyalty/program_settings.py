"""What a program decides about expiry, waiting, returns and debt, as one typed document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class NoExpiry(BaseModel):
    """Points last for ever."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Literal["none"] = "none"


class RollingExpiry(BaseModel):
    """Points last so long from the day they became available, perhaps rounded up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Literal["rolling"] = "rolling"
    months: int = Field(default=0, ge=0, le=120)
    days: int = Field(default=0, ge=0, le=3660)
    round_up: Literal["none", "month", "quarter", "year"] = "none"

    @model_validator(mode="after")
    def _lasts_a_while(self) -> RollingExpiry:
        if not self.months and not self.days:
            raise ValueError("give months or days")
        return self


Expiry = Annotated[NoExpiry | RollingExpiry, Field(discriminator="model")]


class ProgramSettings(BaseModel):
    """The terms of a program; docs/program-file.md explains each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expiry: Expiry = NoExpiry()
    pending_days: int = Field(default=0, ge=0, le=365)
    earns_on: list[Literal["product", "shipping", "tip", "fee", "membership"]] = ["product"]
    earns_net_of_tax: bool = False
    earns_on_part_paid_with_points: bool = False
    earns_on_part_paid_with_gift_card: bool = False
    debt: Literal["negative", "floor"] = "negative"
    return_without_sale: Literal["refuse", "match_sku"] = "match_sku"
    hold_seconds: int = Field(default=600, ge=30, le=86_400)
    receipt_age_days_max: int = Field(default=30, ge=1, le=3660)
    adjustment_points_max: int = Field(default=10_000, ge=1, le=10_000_000)

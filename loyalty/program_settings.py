"""What a program decides about expiry, waiting, returns and debt, as one typed document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from loyalty.earning.vocabulary.expiry import Expiry, NeverExpires
from loyalty.earning.vocabulary.parts import Part


class ProgramSettings(Part):
    """The terms of a program; docs/program-file.md explains each."""

    model_config = ConfigDict(strict=True)  # true is no number of days

    expiry: Annotated[Expiry, Field(discriminator="type")] = NeverExpires(type="never")
    pending_days: int = Field(default=0, ge=0, le=365)
    earns_on_products_only: bool = True
    earns_net_of_tax: bool = False
    earns_on_part_paid_with_points: bool = False
    debt: Literal["negative", "floor"] = "negative"
    return_without_sale: Literal["refuse", "match_sku"] = "match_sku"
    hold_seconds: int = Field(default=600, ge=30, le=86_400)
    receipt_age_days_max: int = Field(default=30, ge=1, le=3660)
    adjustment_points_max: int = Field(default=10_000, ge=1, le=10_000_000)

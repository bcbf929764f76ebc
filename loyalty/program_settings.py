"""What a program decides about expiry, waiting, returns and debt, as one typed document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ConfigDict, Field

from loyalty.challenges.levels import Levels
from loyalty.earning.vocabulary.expiry import Expiry, NeverExpires
from loyalty.earning.vocabulary.goal import Goal
from loyalty.earning.vocabulary.parts import Part, Rate
from loyalty.earning.vocabulary.paying import PayWithPoints
from loyalty.earning.vocabulary.waiting import Waiting


class ProgramSettings(Part):
    """The terms of a program; docs/program-file.md explains each."""

    model_config = ConfigDict(strict=True)  # true is no number of days

    expiry: Annotated[Expiry, Field(discriminator="type")] = NeverExpires(type="never")
    pending_days: int = Field(default=0, ge=0, le=365)
    waits_for: Annotated[Waiting, Field(discriminator="type")] | None = None
    earns_on_products_only: bool = True
    earns_net_of_tax: bool = False
    earns_on_part_paid_with_points: bool = False
    point_value: Rate | None = None
    pay_with_points: PayWithPoints | None = None
    points_paid_back: Literal["pro_rata", "cash_first", "kept"] = "pro_rata"
    vouchers_on_return: Literal["released", "kept"] = "released"
    debt: Literal["negative", "floor", "deduct"] = "negative"
    goodwill_days: int = Field(default=0, ge=0, le=60)
    return_without_sale: Literal["refuse", "match_sku"] = "match_sku"
    hold_seconds: int = Field(default=600, ge=30, le=86_400)
    proof_points_from: int | None = Field(default=None, ge=1, le=10_000_000)
    receipt_age_days_max: int = Field(default=30, ge=1, le=3660)
    adjustment_points_max: int = Field(default=10_000, ge=1, le=10_000_000)
    adjustment_points_per_day_max: int = Field(default=100_000, ge=1, le=100_000_000)
    margin_share_max: int = Field(default=30, ge=1, le=100)
    claim_days: int = Field(default=7, ge=0, le=365)
    goal: Goal | None = None
    levels: Levels | None = None

    def contradictions(self) -> Iterator[tuple[str, str, Promise]]:
        """Return field, code and sentence of what cannot hold without something else.

        Asked of the terms as a whole: a file may name some of them, and the others stay.
        """
        if self.point_value is not None:
            return
        needed = _("Say first what a point is worth.")
        if self.pay_with_points is not None:
            yield "pay_with_points", "point_value_needed", needed
        if self.debt == "deduct":
            yield "debt", "point_value_needed", needed

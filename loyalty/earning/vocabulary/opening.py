"""When a voucher that is given can be used, where that is not at once."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, ValidationInfo

from loyalty.earning.opening import DAYS_MAX
from loyalty.earning.vocabulary.parts import Day, fault

AfterDays = Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX)]


def alone(*, beside: str) -> AfterValidator:
    """Return the check that a date is given alone; ``beside`` is the field of the days."""

    def judge(on: date | None, info: ValidationInfo) -> date | None:
        if on is not None and info.data.get(beside) is not None:
            raise fault("opens_twice", _("Give either a number of days or a date."))
        return on

    return AfterValidator(judge)


OnDay = Annotated[Day | None, alone(beside="after_days")]

"""Benefits as tests switch them on."""

from itertools import count

from core.actors import SYSTEM
from rewards.models import Benefit
from rewards.services.benefit_editing import BenefitWish, add_benefit, set_benefit_status

_numbers = count(1)

TEN_PERCENT = {"effect": {"type": "percent_off", "percent": "10"}}


def switch_on(shop, spec, *, name=None):
    """Switch a benefit on that says this from now on."""
    wish = BenefitWish(name=name or f"Benefit {next(_numbers)}", spec=spec)
    made = add_benefit(program_id=shop.program.pk, wish=wish, actor=SYSTEM)
    return set_benefit_status(benefit_id=made.pk, status=Benefit.Status.ACTIVE, actor=SYSTEM)


def percent_off(percent, *conditions, **rest):
    """Return what a benefit says that takes so much off."""
    effect = {"type": "percent_off", "percent": str(percent)}
    return {"effect": effect, "conditions": list(conditions), **rest}

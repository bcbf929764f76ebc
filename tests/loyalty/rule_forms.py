"""What the rule editor sends, for tests; named as a browser names it."""

from __future__ import annotations

from tests.offices import keyed

ROUNDING = {"rounding": "down", "stacking__priority": "0", "expires": ""}
MATCHES = {f"conditions__{name}__match": "any" for name in ("category", "brand", "sku")}
OVER = {"conditions__minimum_amount__over": "receipt"}
TRIAL = {"try-amount": "10", "try-at": "2026-07-06T08:12", "try-store": "1"}


def per_pound(points=1, **fields):
    """So many points per pound, as typed into the editor and saved."""
    return keyed(
        **{
            "name": "Points",
            "step": "save",
            "effect": "points_per_amount",
            "effect__points_per_amount__points": str(points),
            "effect__points_per_amount__per": "1",
            **ROUNDING,
            **MATCHES,
            **OVER,
            **TRIAL,
            **fields,
        }
    )


def errors_on(page):
    """What the editor says is wrong, field by field."""
    return {field: list(map(str, said)) for field, said in page.context["form"].errors.items()}

"""Sources of discounts and what they come to, said briefly."""

from decimal import Decimal

from loyalty.earning.receipt import Earner
from rewards.discounts.reckoning import Offered, reckon
from rewards.discounts.sources import Id, Shopper, Source, SourceKind, of_benefit
from rewards.discounts.spec import Audience, parse_benefit

MEMBER = Shopper(is_member=True)
GUEST = Shopper()
COFFEE = {"type": "category", "categories": ["Coffee"]}
CAKE = {"type": "category", "categories": ["Cake"]}


def benefit(effect, *conditions, key="benefit", **rest):
    """Return a benefit; the effect may be a percentage."""
    data = {"effect": _effect(effect), "conditions": list(conditions), **rest}
    return of_benefit(key, key, parse_benefit(data))


def voucher(effect, *conditions, key="voucher", **rest):
    """Return a voucher that somebody shows."""
    made = benefit(effect, *conditions, key=key, audience=Audience.EVERYONE, **rest)
    facts = {name: getattr(made, name) for name in ("name", "effect", "conditions", "kinds")}
    return Source(
        id=Id(SourceKind.VOUCHER, key),
        audience=made.audience,
        is_combinable=made.is_combinable,
        **facts,
    )


def amount_off(amount):
    return {"type": "amount_off", "amount": str(amount)}


def free(*skus, quantity=1):
    told = {"type": "free_product", "quantity": quantity}
    return told | ({"skus": list(skus)} if skus else {})


def prices(**by_sku):
    told = [{"sku": sku, "price": price} for sku, price in by_sku.items()]
    return {"type": "member_price", "prices": told}


def member(**facts):
    return Shopper(is_member=True, earner=Earner(**facts))


def off(sold, *sources, shopper=MEMBER, decimals=2):
    offered = [Offered(source, shopper) for source in sources]
    return reckon(sold, offered, decimals=decimals)


def by_source(done):
    return {one.source.id.key: one.amount for one in done.discounts}


def left(done):
    return [line.amount for line in done.lines]


def why(done):
    """Return the codes of the reasons by the source they are about."""
    given = [*done.discounts, *done.unused]
    return {one.source.id.key: [reason.code for reason in one.why] for one in given}


def money(*texts):
    return [Decimal(text) for text in texts]


def _effect(effect):
    if isinstance(effect, int | str):
        return {"type": "percent_off", "percent": str(effect)}
    return effect

"""Receipts and rules as hypothesis makes them up."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.limits import LimitKind, Room
from tests.loyalty.earning.making import line, receipt, rule

PATHS = [(), ("Drinks", "Coffee"), ("Drinks", "Tea"), ("Bakery", "Cake")]
BRANDS = [None, "Acme", "Bolt"]

amounts = st.decimals("0.01", "500", places=2)
quantities = st.decimals("0.001", "20", places=3)
facts = st.fixed_dictionaries(
    {"category": st.sampled_from(PATHS), "brand": st.sampled_from(BRANDS)}
)


@st.composite
def lines(draw, most=6):
    return [
        line(draw(amounts), number=number, quantity=str(draw(quantities)), **draw(facts))
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]


@st.composite
def receipts(draw):
    sold = draw(lines())
    total = sum((one.amount for one in sold), Decimal(0))
    paid = draw(st.one_of(st.just(Decimal(0)), st.decimals(0, total, places=2)))
    return receipt(*sold, paid_without_earning=paid)


effects = st.one_of(
    st.builds(
        lambda points, per: {"type": "points_per_amount", "points": points, "per": str(per)},
        st.integers(1, 500),
        st.decimals("0.05", "100", places=2),
    ),
    st.builds(lambda points: {"type": "points_per_unit", "points": points}, st.integers(1, 500)),
    st.builds(lambda points: {"type": "fixed_points", "points": points}, st.integers(1, 500)),
)
multipliers = st.builds(
    lambda times: {"type": "multiplier", "times": str(times)},
    st.decimals("1.1", "10", places=1),
)
matches = st.sampled_from(["any", "all", "none"])
conditions = st.lists(
    st.one_of(
        st.builds(
            lambda match, names: {"type": "category", "match": match, "categories": names},
            matches,
            st.lists(st.sampled_from(["Coffee", "Tea", "Cake", "Drinks"]), min_size=1, max_size=2),
        ),
        st.builds(
            lambda match, names: {"type": "brand", "match": match, "brands": names},
            matches,
            st.lists(st.sampled_from(["Acme", "Bolt"]), min_size=1, max_size=2),
        ),
        st.builds(
            lambda amount, over: {"type": "minimum_amount", "amount": str(amount), "over": over},
            st.decimals(1, 300, places=0),
            st.sampled_from(["receipt", "matching_lines"]),
        ),
        st.just({"type": "store", "stores": ["harbor"]}),
    ),
    max_size=2,
)
roundings = st.sampled_from(["down", "up", "half_up", "half_even"])
limits = st.one_of(st.just({}), st.builds(lambda cap: {"per_purchase": cap}, st.integers(1, 1000)))
groups = st.sampled_from([None, "left", "right"])
rooms = st.dictionaries(
    st.integers(0, 5), st.builds(Room, st.integers(0, 500), st.sampled_from(list(LimitKind)))
)


@st.composite
def rules(draw, base_groups=groups):
    """Return up to six rules of all stages; their keys are their places."""
    made = []
    for key in range(draw(st.integers(1, 6))):
        stage = draw(st.sampled_from(["base", "multiplier", "bonus"]))
        effect = draw(multipliers if stage == "multiplier" else effects)
        stacking = {
            "stage": stage,
            "exclusive_group": draw(base_groups if stage == "base" else groups),
            "priority": draw(st.integers(-1, 1)),
        }
        rest = {"rounding": draw(roundings), "limits": draw(limits), "stacking": stacking}
        made.append(rule(effect, *draw(conditions), key=key, **rest))
    return made


@st.composite
def split_lines(draw, sold):
    """Return the same receipt with some lines rung up in two parts."""
    parts, number = [], 0
    for one in sold.lines:
        cents = int(one.amount * 100)
        thousandths = int(one.quantity * 1000)
        cuts = [(cents, thousandths)]
        if cents > 1 and thousandths > 1 and draw(st.booleans()):
            first = draw(st.integers(1, cents - 1)), draw(st.integers(1, thousandths - 1))
            cuts = [first, (cents - first[0], thousandths - first[1])]
        for amount, quantity in cuts:
            number += 1
            parts.append(
                one._replace(
                    number=number,
                    amount=Decimal(amount) / 100,
                    quantity=Decimal(quantity) / 1000,
                )
            )
    return replace(sold, lines=tuple(parts))


reward_lines = st.one_of(
    st.builds(lambda amount, some: line(-amount, number=99, **some), amounts, facts),
    st.builds(lambda some: line("0.00", number=99, **some), facts),
    st.builds(
        lambda kind, amount, some: line(amount, number=99, kind=kind, **some),
        st.sampled_from([kind for kind in LineKind if kind != LineKind.PRODUCT]),
        amounts,
        facts,
    ),
)

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.receipt import LineKind
from tests.loyalty.earning.making import earn, line, receipt
from tests.loyalty.earning.strategies import (
    BRANDS,
    PATHS,
    amounts,
    conditions,
    quantities,
    rules,
)
from tests.rewards.discounts.making import (
    MEMBER,
    amount_off,
    benefit,
    free,
    off,
    prices,
    voucher,
)

THOROUGH = settings(max_examples=150, deadline=None)
CENT = Decimal("0.01")
SKUS = ["A", "B", "C"]

percents = st.one_of(st.sampled_from(["5", "10", "33.3", "50", "100"]), st.integers(1, 100))
effects = st.one_of(
    percents,
    st.builds(amount_off, st.decimals("0.01", "600", places=2)),
    st.builds(
        lambda skus, count: free(*skus, quantity=count),
        st.lists(st.sampled_from(SKUS), max_size=2, unique=True),
        st.integers(1, 3),
    ),
    st.builds(lambda price: prices(A=str(price)), st.decimals("0", "100", places=2)),
    st.just({"type": "free_shipping"}),
)


@st.composite
def receipts(draw):
    sold = [
        line(
            draw(amounts),
            number=number,
            quantity=str(draw(quantities)),
            sku=draw(st.sampled_from([None, *SKUS])),
            category=draw(st.sampled_from(PATHS)),
            brand=draw(st.sampled_from(BRANDS)),
            kind=draw(st.sampled_from([LineKind.PRODUCT] * 3 + [LineKind.SHIPPING])),
        )
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]
    taxed = [
        one._replace(tax=(one.amount * draw(st.integers(0, 40)) / 100).quantize(CENT))
        if draw(st.booleans())
        else one
        for one in sold
    ]
    return receipt(*taxed)


@st.composite
def sources(draw):
    made = []
    for number in range(draw(st.integers(1, 5))):
        make = draw(st.sampled_from([benefit, voucher]))
        rest = {"is_combinable": draw(st.booleans())}
        made.append(make(draw(effects), *draw(conditions), key=f"s{number}", **rest))
    return made


@pytest.mark.proves("L6")
@THOROUGH
@given(receipts(), sources())
def test_nothing_is_negative_and_every_sum_is_exact(sold, given_sources):
    done = off(sold, *given_sources)
    for before, after in zip(sold.lines, done.lines, strict=True):
        mine = [part.amount for one in done.discounts for part in one.lines]
        assert 0 <= after.amount <= before.amount
        assert after.tax is None or 0 <= after.tax <= after.amount
        assert all(part > 0 and part == part.quantize(CENT) for part in mine)
    assert done.total + done.taken_off == sold.total
    for one in done.discounts:
        assert one.amount == sum(part.amount for part in one.lines) > 0
    for after in done.lines:
        off_line = [
            p.amount for one in done.discounts for p in one.lines if p.number == after.number
        ]
        before = next(one for one in sold.lines if one.number == after.number)
        assert before.amount - sum(off_line) == after.amount


@THOROUGH
@given(receipts(), sources())
def test_all_together_take_at_least_as_much_as_each_alone(sold, given_sources):
    best = off(sold, *given_sources).taken_off
    assert all(best >= off(sold, one).taken_off for one in given_sources)


@THOROUGH
@given(receipts(), sources(), st.randoms())
def test_the_order_of_the_sources_changes_nothing(sold, given_sources, random):
    shuffled = random.sample(given_sources, len(given_sources))
    assert off(sold, *given_sources) == off(sold, *shuffled)


@pytest.mark.proves("case 32")
@THOROUGH
@given(receipts(), sources())
def test_without_the_unused_sources_everything_is_the_same(sold, given_sources):
    done = off(sold, *given_sources)
    again = off(sold, *(one.source for one in done.discounts))
    assert (again.lines, again.taken_off) == (done.lines, done.taken_off)
    assert not again.unused


@THOROUGH
@given(receipts(), sources())
def test_no_line_takes_two_percentages_unless_they_may_be_combined(sold, given_sources):
    done = off(sold, *given_sources)
    for one in sold.lines:
        alone = [
            discount.source
            for discount in done.discounts
            if discount.source.effect.stage <= 1 and not discount.source.is_combinable
            if any(part.number == one.number for part in discount.lines)
        ]
        assert len(alone) <= 1


@pytest.mark.proves("case 32")
@THOROUGH
@given(receipts(), sources())
def test_every_voucher_that_is_used_changes_something(sold, given_sources):
    done = off(sold, *given_sources)
    used = [one.source for one in done.discounts]
    for one in used:
        if one.is_voucher:
            assert off(sold, *(other for other in used if other != one)).total > done.total


@pytest.mark.proves("L8")
@THOROUGH
@given(receipts(), sources(), rules(base_groups=st.none()), st.booleans())
def test_a_receipt_earns_no_more_for_a_discount(sold, given_sources, given_rules, is_net):
    done = off(sold, *given_sources, shopper=MEMBER)
    after = receipt(*done.lines)
    policy = {"net_of_tax": is_net, "product_kinds_only": False}
    assert earn(after, *given_rules, **policy).points <= earn(sold, *given_rules, **policy).points

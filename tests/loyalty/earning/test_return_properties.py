from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.returns import GivenAward, SoldLine, return_amount, return_lines
from tests.loyalty.earning.making import earn
from tests.loyalty.earning.strategies import receipts, rules

THOROUGH = settings(max_examples=100, deadline=None)


class Purchase:
    """A recorded purchase, as far as returns are concerned."""

    def __init__(self, sold, outcome):
        self.lines = [
            SoldLine(number=line.number, quantity=line.quantity, amount=line.amount)
            for line in sold.lines
        ]
        self.earned = {award.rule: award.awarded for award in outcome.awards}
        self.awards = [
            GivenAward(key=award.rule, shares=dict(award.lines)) for award in outcome.awards
        ]

    def apply(self, plan):
        for number, quantity, amount in plan.lines:
            self.lines = [
                replace(
                    line,
                    returned_quantity=line.returned_quantity + quantity,
                    returned_amount=line.returned_amount + amount,
                )
                if line.number == number
                else line
                for line in self.lines
            ]
        for reversal in plan.reversals:
            self.awards = [
                replace(
                    award,
                    reversed=Counter(award.reversed) + Counter({reversal.number: reversal.points}),
                )
                if award.key == reversal.award
                else award
                for award in self.awards
            ]

    def check(self):
        for award in self.awards:
            assert all(award.left_on(number) >= 0 for number in award.shares)
        assert all(line.amount_left >= 0 <= line.quantity_left for line in self.lines)

    def return_some(self, data):
        left = [line for line in self.lines if line.quantity_left > 0]
        line = data.draw(st.sampled_from(left))
        quantity = data.draw(st.decimals("0.001", line.quantity_left, places=3))
        self.apply(return_lines(self.lines, self.awards, {line.number: quantity}, decimals=2))

    def return_sum(self, data):
        left = sum((line.amount_left for line in self.lines), Decimal(0))
        amount = data.draw(st.decimals("0.01", left, places=2))
        plan = return_amount(self.lines, self.awards, amount, decimals=2)
        assert plan.amount == amount
        self.apply(plan)

    def return_rest(self):
        rest = {line.number: line.quantity_left for line in self.lines if line.quantity_left > 0}
        if rest:
            self.apply(return_lines(self.lines, self.awards, rest, decimals=2))


@pytest.mark.proves("L6", "case 36")
@THOROUGH
@given(st.data(), receipts(), rules(), st.integers(0, 6))
def test_returned_in_any_pieces_the_purchase_leaves_nothing_behind(data, sold, given_rules, pieces):
    outcome = earn(sold, *given_rules)
    purchase = Purchase(sold, outcome)

    for _ in range(pieces):
        left = [line for line in purchase.lines if line.quantity_left > 0 < line.amount_left]
        if left:
            data.draw(st.sampled_from([purchase.return_some, purchase.return_sum]))(data)
            purchase.check()
    purchase.return_rest()

    purchase.check()
    assert all(line.amount_left == 0 for line in purchase.lines)
    assert {award.key: sum(award.reversed.values()) for award in purchase.awards} == purchase.earned


@pytest.mark.proves("L6", "case 36")
@THOROUGH
@given(receipts(), rules())
def test_returning_the_whole_sum_takes_back_exactly_what_was_earned(sold, given_rules):
    outcome = earn(sold, *given_rules)
    purchase = Purchase(sold, outcome)

    plan = return_amount(purchase.lines, purchase.awards, sold.total, decimals=2)

    assert plan.points == outcome.points
    assert {line.number: line.quantity for line in plan.lines} == {
        line.number: line.quantity for line in sold.lines
    }

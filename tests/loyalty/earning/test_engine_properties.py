import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.explain import as_json, sentence, stored
from loyalty.earning.reasons import Reason
from tests.loyalty.earning.making import earn, line, receipt, rule
from tests.loyalty.earning.strategies import (
    receipts,
    reward_lines,
    rooms,
    rules,
    split_lines,
)

THOROUGH = settings(max_examples=100, deadline=None)
NO_GROUPS = st.none()


@THOROUGH
@given(receipts(), rules(), rooms)
def test_the_shares_of_an_award_always_make_the_award(sold, given_rules, room):
    outcome = earn(sold, *given_rules, room=room)

    for award in outcome.awards:
        assert sum(share.points for share in award.lines) == award.awarded <= award.desired
        assert all(share.points >= 0 for share in award.lines)
    assert outcome.points == sum(award.awarded for award in outcome.awards)


@THOROUGH
@given(receipts(), rules(), rooms)
def test_every_rule_is_answered_once(sold, given_rules, room):
    outcome = earn(sold, *given_rules, room=room)

    answered = [one.rule for one in (*outcome.awards, *outcome.not_applied)]
    assert sorted(answered) == [one.key for one in given_rules]
    assert all(one.why for one in (*outcome.awards, *outcome.not_applied))


@pytest.mark.proves("L6", "case 7")
@THOROUGH
@given(st.data(), receipts(), rules())
def test_ringing_up_a_line_in_parts_changes_no_point(data, sold, given_rules):
    in_parts = data.draw(split_lines(sold))

    assert earn(in_parts, *given_rules).points == earn(sold, *given_rules).points


@pytest.mark.proves("L8")
@THOROUGH
@given(receipts(), rules(base_groups=NO_GROUPS), reward_lines, st.booleans())
def test_a_reward_or_discount_on_the_receipt_never_earns_more(sold, given_rules, extra, net):
    rewarded = replace(sold, lines=(*sold.lines, extra))

    with_reward = earn(rewarded, *given_rules, net_of_tax=net).points

    assert with_reward <= earn(sold, *given_rules, net_of_tax=net).points


@pytest.mark.proves("L8", "case 1")
@THOROUGH
@given(receipts(), rules(base_groups=NO_GROUPS), st.decimals("0.01", "100", places=2))
def test_paying_more_with_points_never_earns_more(sold, given_rules, more):
    paid = replace(sold, paid_without_earning=sold.paid_without_earning + more)

    assert earn(paid, *given_rules).points <= earn(sold, *given_rules).points


@THOROUGH
@given(receipts(), rules(), rooms)
def test_the_order_of_the_lines_changes_no_point(sold, given_rules, room):
    backwards = replace(sold, lines=tuple(reversed(sold.lines)))

    assert (
        earn(backwards, *given_rules, room=room).points
        == earn(sold, *given_rules, room=room).points
    )


@THOROUGH
@given(receipts(), rules(), rooms)
def test_every_reason_reads_the_same_from_the_engine_and_out_of_storage(sold, given_rules, room):
    outcome = earn(sold, *given_rules, room=room)

    for reason in [why for one in (*outcome.awards, *outcome.not_applied) for why in one.why]:
        kept = Reason(**json.loads(json.dumps(stored(reason))))
        assert sentence(kept, "GBP") == sentence(reason, "GBP") != ""
        assert as_json(kept, "GBP") == as_json(reason, "GBP")


@THOROUGH
@given(st.decimals("0.01", "9999999999", places=2), st.integers(1, 1_000_000))
def test_the_largest_amounts_are_counted_exactly(amount, points):
    effect = {"type": "points_per_amount", "points": points, "per": "1"}

    earned = earn(receipt(line(amount)), rule(effect)).points

    assert earned == int(amount * 100) * points // 100
    assert Decimal(earned) <= amount * points

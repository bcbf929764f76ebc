"""How many tickets of a draw one person may have: whoever was merged is one person."""

import pytest

from core.actors import SYSTEM
from loyalty.models import Grant
from loyalty.services.member_merges import merge_members
from rewards.draw_errors import TicketLimitReached
from rewards.models import MissedTicket
from rewards.services.draw_room import Room
from tests.draws import by_hand, of_draw, opened, tickets_rule


@pytest.fixture
def other(shop):
    return shop.member("+447400123457")


def merge(shop, kept, merged):
    merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key="merge",
    )


def test_what_was_had_before_a_merge_counts_after_it(shop, member, other):
    draw = opened(shop, tickets_per_member=5)
    by_hand(draw, member, 2)
    by_hand(draw, other, 2)
    merge(shop, member, other)

    with pytest.raises(TicketLimitReached) as refused:
        by_hand(draw, member, 2)

    assert refused.value.data == {"left": 1}
    tickets_rule(shop, draw, per="amount", amount="5")
    shop.buys(member, "20.00")
    assert sum(last - first + 1 for first, last, _stands in of_draw(draw)) == 5
    given = sum(Grant.objects.values_list("count", flat=True))
    assert sum(MissedTicket.objects.values_list("count", flat=True)) == given - 1


def test_more_than_one_may_have_stays_and_leaves_room_for_none(shop, member, other):
    draw = opened(shop, tickets_per_member=5)
    by_hand(draw, member, 4)
    by_hand(draw, other, 4)
    merge(shop, member, other)

    with pytest.raises(TicketLimitReached) as refused:
        by_hand(draw, member, 1)

    assert refused.value.data == {"left": 0}
    assert len(of_draw(draw)) == 2


def test_whoever_was_merged_shares_what_is_left(shop, member, other):
    draw = opened(shop, tickets_per_member=5)
    by_hand(draw, other, 2)
    merge(shop, member, other)
    room = Room(draw, [member.pk, other.pk])

    room.take(other.pk, 2)

    assert [room.left_for(one.pk, 9) for one in (member, other)] == [1, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_room_of_many_is_asked_in_as_few_queries(
    shop, member, other, count, django_assert_num_queries
):
    draw = opened(shop, tickets_per_member=5)
    members = [member, other, shop.member("+447400123458")][:count]

    with django_assert_num_queries(3):
        Room(draw, [one.pk for one in members])

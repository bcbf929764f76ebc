"""Members who are merged, and households that are spent from, while both earn and redeem."""

import time
from functools import partial

import pytest

from core.actors import SYSTEM
from core.errors import Refusal
from core.services.audit_ledger import violations
from core.transactions import as_one
from loyalty.errors import HouseholdLimitReached
from loyalty.models import Account
from loyalty.services.households import join_household
from loyalty.services.member_merges import merge_members, unmerge_members
from members.models import MemberMerge
from members.services.households import open_household
from rewards.models import Redemption
from rewards.services.redemptions import redeem
from tests.racing import PAUSE_SECONDS, forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

ROUNDS = 8


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def two(shop, serial):
    """Return two members with 40 points each."""
    members = [shop.member(f"+447400{serial:05}{one}") for one in (1, 2)]
    for member in members:
        shop.buys(member, "40.00")
    return members


def merging(shop, kept, merged, serial):
    return partial(
        merge_members,
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key=f"merge-{serial}",
    )


def as_a_request(act):
    """Do it as a keyed request does, all or nothing and without savepoints."""

    def run():
        with as_one():
            return act()

    return run


def both_in_motion(shop, kept, merged, reward, serial):
    """Return who earns and redeems as either of two, in every other round as requests do."""
    earning = [partial(shop.records, shop.draft(one, "10.00")) for one in (kept, merged)]
    spending = [
        partial(
            redeem,
            reward_id=reward.pk,
            member_id=one.pk,
            actor=SYSTEM,
            request_key=f"{serial}-{one.pk}",
        )
        for one in (kept, merged)
    ]
    acts = earning + spending
    return [as_a_request(act) for act in acts] if serial % 4 > 1 else acts


def sum_of(shop, members):
    accounts = {shop.account(member).pk for member in members}
    return sum(row.balance for row in Account.objects.filter(pk__in=accounts))


@pytest.mark.race
@pytest.mark.proves("C14", "case 47", "INV-4")
def test_a_merge_loses_nothing_while_both_earn_and_redeem(shop):
    reward = shop.reward(25)
    for serial in range(ROUNDS):
        kept, merged = two(shop, serial)[:: 1 if serial % 2 else -1]
        late = shop.draft(merged, "5.00")

        *moved, merge = race(
            *both_in_motion(shop, kept, merged, reward, serial),
            merging(shop, kept, merged, serial),
        )
        shop.records(late)

        assert isinstance(merge, MemberMerge)
        taken = [one for one in moved if isinstance(one, Redemption)]
        refused = [one for one in moved if isinstance(one, Exception)]
        assert all(isinstance(one, Refusal) for one in refused)
        assert shop.account(kept) == shop.account(merged)
        assert shop.balance(kept) == 40 + 40 + 10 + 10 + 5 - 25 * len(taken)

    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C14")
def test_parting_again_loses_nothing_either(shop):
    reward = shop.reward(25)
    for serial in range(ROUNDS):
        kept, merged = two(shop, serial)
        merge = merging(shop, kept, merged, serial)()

        *moved, parted = race(
            *both_in_motion(shop, kept, merged, reward, serial),
            partial(
                unmerge_members,
                organization_id=shop.organization.pk,
                merge_id=merge.pk,
                actor=SYSTEM,
                request_key=f"undo-{serial}",
            ),
        )

        assert parted.merge == merge
        taken = [one for one in moved if isinstance(one, Redemption)]
        assert sum_of(shop, [kept, merged]) == 40 + 40 + 10 + 10 - 25 * len(taken)

    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C14")
def test_without_locks_a_merge_leaves_points_where_nobody_finds_them(shop, monkeypatch):
    """The control: were this to fail, the tests above would prove nothing.

    The merged account is empty, or the sequence of its entries would stop one of the two.
    """
    reward = shop.reward(40)
    members = [two(shop, serial) for serial in range(6)]
    for serial, (_kept, merged) in enumerate(members):
        tabs(merged, reward, serial)[0]()
    forget_locks(monkeypatch)

    def attempt(serial):
        kept, merged = members[serial]
        earn = partial(shop.records, shop.draft(merged, "10.00"))
        race(partial(after, PAUSE_SECONDS * serial / 2, earn), merging(shop, kept, merged, serial))
        return violations() != []

    assert seen(attempt, tries=len(members))


@pytest.mark.race
@pytest.mark.proves("C14")
def test_two_who_take_each_other_in_end_as_one(shop):
    for serial in range(ROUNDS):
        ada, ben = two(shop, serial)

        answers = race(merging(shop, ada, ben, 2 * serial), merging(shop, ben, ada, 2 * serial + 1))

        assert len([one for one in answers if isinstance(one, MemberMerge)]) == 1
        assert shop.balance(ada) == shop.balance(ben) == 80

    assert_audit_is_clean()


def household(shop, serial):
    """Return a member who may spend 20 of their household's points a month."""
    head, member = two(shop, serial)
    house = open_household(
        head_id=head.pk, name="The Byrons", actor=SYSTEM, request_key=f"open-{serial}"
    )
    join_household(
        household_id=house.pk,
        member_id=member.pk,
        most=20,
        actor=SYSTEM,
        request_key=f"join-{serial}",
    )
    return member


def after(seconds, act):
    """Do something a little later than the others begin."""
    time.sleep(seconds)
    return act()


def tabs(member, reward, serial, **options):
    take = partial(redeem, reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, **options)
    return [partial(take, request_key=f"{serial}-{tab}") for tab in range(4)]


@pytest.mark.race
def test_no_number_of_tabs_spends_beyond_a_limit(shop):
    reward = shop.reward(10)
    for serial in range(ROUNDS):
        member = household(shop, serial)

        answers = race(*tabs(member, reward, serial))

        taken = [one for one in answers if isinstance(one, Redemption)]
        refused = [one for one in answers if isinstance(one, HouseholdLimitReached)]
        assert (len(taken), len(refused)) == (2, 2)
        assert shop.balance(member) == 60

    assert_audit_is_clean()


@pytest.mark.race
def test_without_locks_a_limit_is_passed(shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    reward = shop.reward(10)
    members = [household(shop, serial) for serial in range(3)]
    forget_locks(monkeypatch)

    def attempt(serial):
        answers = race(*tabs(members[serial], reward, serial, hold_seconds=60))
        return len([one for one in answers if isinstance(one, Redemption)]) > 2

    assert seen(attempt, tries=len(members))

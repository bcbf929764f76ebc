"""Break each promise by SQL, behind the backs of services and triggers, and see it named."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from core.actors import SYSTEM
from core.invariants import Scope
from core.services.audit_ledger import accounts_named, every_invariant, violations
from loyalty.invariants.joins import WITHIN_AN_ACCOUNT
from loyalty.models import Account, AccountHolder, Batch, Entry
from loyalty.services.adjustments import adjust_points
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.reviews import touched_since
from loyalty.services.transfers import Handing, transfer_points
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import Shop, assert_audit_is_clean, open_shop


def redeems(shop, member, points, key, **options):
    reward = shop.reward(points, stock=5)
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key, **options
    )


def brings_back(shop, sale, line=1):
    wish = ReturnWish(
        source="till",
        external_id=f"back-{sale}",
        sale_source="till",
        sale_external_id=sale,
        occurred_at=timezone.now(),
        request_key=f"back-{sale}",
        quantities={line: Decimal(1)},
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def hands_on(shop, giver, receiver, points):
    wish = Handing(
        program_id=shop.program.pk,
        from_id=giver.pk,
        to_id=receiver.pk,
        points=points,
        reason="a gift",
    )
    transfer_points(wish=wish, actor=SYSTEM, request_key="hand")


@pytest.fixture
def lively(db):
    """Three members to whom everything happened that can; nothing is wrong yet."""
    shop: Shop = open_shop()
    mina, nora, omar = (shop.member(f"+4474001234{n}", name="M") for n in (56, 57, 58))
    shop.records(shop.draft(mina, "100.00", number="A"))
    shop.records(shop.draft(mina, "30.00", "20.00", number="B"))
    redeems(shop, mina, 40, "coffee")
    redeems(shop, mina, 20, "cake", hold_seconds=600)
    undone = redeems(shop, mina, 10, "tea")
    cancel_redemption(redemption_id=undone.pk, reason="no", actor=SYSTEM, request_key="undo")
    brings_back(shop, "B")
    hands_on(shop, mina, nora, 7)
    shop.records(shop.draft(omar, "15.00", number="C"))
    redeems(shop, omar, 15, "bread")
    brings_back(shop, "C")
    assert_audit_is_clean()
    accounts = {name: shop.account(m).pk for name, m in zip("MNO", (mina, nora, omar), strict=True)}
    return SimpleNamespace(shop=shop, mina=mina, **accounts)


def tamper(*statements):
    """Do what only a superuser can; everything is undone with the test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


LAST = "id = (SELECT max(id) FROM loyalty_entry WHERE account_id = {M} AND kind = 'earn')"
BREAKS = [
    # what is done, which promises it breaks, whose accounts are concerned
    (
        ["UPDATE loyalty_account SET balance = balance + 900 WHERE id = {M}"],
        {"INV-1", "INV-2"},
        "M",
    ),
    (
        ["UPDATE loyalty_account SET sequence = sequence + 1 WHERE id = {M}"],
        {"INV-1"},
        "M",
    ),
    (["DELETE FROM loyalty_entry WHERE account_id = {N}"], {"INV-1", "INV-4b"}, "MN"),
    (
        [f"UPDATE loyalty_entry SET balance_after = balance_after + 1 WHERE {LAST}"],
        {"INV-1b"},
        "M",
    ),
    (
        [
            "UPDATE loyalty_lot SET remaining = remaining - 1"
            " WHERE account_id = {M} AND remaining > held"
        ],
        {"INV-2", "INV-3"},
        "M",
    ),
    (
        ["UPDATE loyalty_hold SET status = 'expired', ended_at = now() WHERE status = 'open'"],
        {"INV-2", "INV-3", "INV-6"},
        "M",
    ),
    (
        [
            "UPDATE loyalty_consumption SET points = points + 1 WHERE entry_id IN"
            " (SELECT id FROM loyalty_entry WHERE kind = 'transfer')"
        ],
        {"INV-3", "INV-4", "INV-15"},
        "M",
    ),
    (
        ["UPDATE loyalty_account SET debt = debt + 1 WHERE id = {M}"],
        {"INV-2", "INV-4"},
        "M",
    ),
    (
        ["UPDATE loyalty_entry SET points = points + 1 WHERE kind = 'transfer' AND points > 0"],
        {"INV-1", "INV-1b", "INV-4", "INV-4b", "INV-15"},
        "MN",
    ),
    (
        ["UPDATE loyalty_entry SET points = points + 1 WHERE kind = 'release'"],
        {"INV-1", "INV-1b", "INV-4", "INV-4b", "INV-6", "INV-15"},
        "M",
    ),
    (
        ["UPDATE loyalty_award SET awarded = awarded - 1 WHERE reversed = 0"],
        {"INV-7"},
        "M",
    ),
    (
        [
            "UPDATE loyalty_entry SET cause_id = (SELECT min(id) FROM loyalty_purchase)"
            " WHERE account_id = {M} AND kind = 'earn'"
        ],
        {"INV-7"},
        "M",
    ),
    (
        ["UPDATE loyalty_award SET reversed = reversed - 1 WHERE account_id = {O}"],
        {"INV-8"},
        "O",
    ),
    (
        ["UPDATE loyalty_purchaseline SET returned_amount = 0 WHERE returned_amount = 30"],
        {"INV-8b"},
        "M",
    ),
    (
        [
            "UPDATE loyalty_holdlot SET points = points + 1 WHERE hold_id IN"
            " (SELECT id FROM loyalty_hold WHERE account_id = {O})"
        ],
        {"INV-10"},
        "O",
    ),
    (
        [
            "INSERT INTO loyalty_batch (organization_id, kind, created_at)"
            " SELECT {other}, 'x', now()",
            f"UPDATE loyalty_entry SET batch_id = (SELECT max(id) FROM loyalty_batch) WHERE {LAST}",
        ],
        {"INV-11"},
        "M",
    ),
    (
        [
            "UPDATE loyalty_lot SET entry_id = (SELECT max(id) FROM loyalty_entry"
            " WHERE account_id = {O} AND kind = 'earn') WHERE account_id = {N}"
        ],
        {"INV-11b"},
        "N",
    ),
    (
        [
            "DELETE FROM core_outboxevent WHERE subject = 'loyalty.entry' AND subject_id IN"
            f" (SELECT id FROM loyalty_entry WHERE {LAST})"
        ],
        {"INV-12"},
        "M",
    ),
    (
        [
            "INSERT INTO core_outboxevent (organization_id, event_id, kind, subject, subject_id,"
            " payload, created_at) SELECT {here}, gen_random_uuid(), 'points.earn',"
            " 'loyalty.entry', 0, '{{}}', now()"
        ],
        {"INV-12"},
        "",
    ),
    (
        [
            "ALTER TABLE loyalty_entry DROP CONSTRAINT entry_has_one_effect_per_request_key",
            "UPDATE loyalty_entry SET request_key = 'same'"
            " WHERE account_id = {M} AND kind = 'earn'",
        ],
        {"INV-13"},
        "M",
    ),
    (
        [
            "ALTER TABLE loyalty_entry DROP CONSTRAINT entry_names_its_actor",
            "UPDATE loyalty_entry SET actor = '' WHERE account_id = {O}",
        ],
        {"INV-13"},
        "O",
    ),
    (
        ["UPDATE loyalty_entry SET kind = 'adjust' WHERE kind = 'return' AND account_id = {O}"],
        {"INV-15"},
        "O",
    ),
    (
        ["UPDATE loyalty_account SET merged_into_id = {N} WHERE id = {M}"],
        {"INV-4c"},
        "M",
    ),
    (
        ["UPDATE loyalty_entry SET kind = 'merge' WHERE kind = 'return' AND account_id = {O}"],
        {"INV-4b", "INV-15"},
        "O",
    ),
    (["ALTER TABLE loyalty_lot ADD COLUMN bonus double precision"], {"INV-16"}, ""),
    (["UPDATE rewards_reward SET stock = stock - 1"], {"INV-5"}, ""),
    (["UPDATE rewards_voucher SET status = 'canceled'"], {"INV-5b"}, "MO"),
    (["UPDATE rewards_redemption SET points = points + 1 WHERE account_id = {O}"], {"INV-6"}, "O"),
]


@pytest.mark.proves("INV-1", "INV-1b", "INV-2", "INV-3", "INV-4", "INV-4b", "INV-5", "INV-5b")
@pytest.mark.proves("INV-6", "INV-7", "INV-8", "INV-8b", "INV-10", "INV-11", "INV-11b", "INV-12")
@pytest.mark.proves("INV-13", "INV-15", "INV-16")
@pytest.mark.parametrize(("statements", "broken", "concerned"), BREAKS)
def test_whoever_breaks_a_promise_by_hand_is_found_out(lively, statements, broken, concerned):
    other = open_shop("low-road").organization.pk
    ids = {"M": lively.M, "N": lively.N, "O": lively.O}
    places = ids | {"other": other, "here": lively.shop.organization.pk}

    tamper(*(statement.format(**places) for statement in statements))

    found = violations()
    assert broken <= {row.invariant for row in found}
    main = [row for row in found if row.invariant in broken]
    assert accounts_named(main) == {ids[letter] for letter in concerned}


def test_every_promise_is_broken_once():
    # tests/loyalty/test_seals.py, test_settling.py, test_points_paid.py, test_inactivity.py,
    # test_adjustment_requests.py, test_audit_in_kind.py
    elsewhere = {"INV-14", "INV-7b", "INV-17", "INV-17b", "INV-18", "INV-19"}
    elsewhere |= {"INV-5c", "INV-7c", "INV-7d", "INV-7e"}
    # tests/rewards/test_draw_audit.py
    elsewhere |= {"INV-D1", "INV-D2", "INV-D3", "INV-D4", "INV-D5", "INV-D6"}
    elsewhere |= {"INV-5d", "INV-5e"}  # tests/rewards/test_voucher_uses.py
    elsewhere |= {"INV-9", "INV-9b", "INV-9c", "INV-9d"}  # tests/rewards/test_gift_card_audit.py
    elsewhere |= {"INV-10b", "INV-20", "INV-20b", "INV-20c"}  # tests/rewards/test_discount_audit.py
    elsewhere |= {"INV-5l", "INV-5n", "INV-5o"}  # test_limits.py, test_editions.py, test_choices.py
    elsewhere |= {"INV-5f", "INV-5g"}  # tests/rewards/test_voucher_batches.py

    broken = set().union(*(names for _statements, names, _concerned in BREAKS))
    assert broken | elsewhere == {invariant.name for invariant in every_invariant()}


def test_an_audit_of_one_organization_does_not_see_another(lively):
    other = open_shop("low-road")
    other.buys(other.member(), "10.00")
    tamper(f"UPDATE loyalty_account SET balance = 0 WHERE id = {lively.M}")

    assert violations(Scope(organization=other.organization.pk)) == []
    assert violations(Scope(organization=lively.shop.organization.pk)) == violations()


def test_an_audit_of_some_accounts_asks_only_about_them(lively):
    tamper(f"UPDATE loyalty_account SET balance = 0 WHERE id = {lively.M}")

    assert violations(Scope(accounts=[lively.N, lively.O])) == []
    assert violations(Scope(accounts=[lively.M])) == violations()
    assert violations(Scope(accounts=[])) == []


def test_an_account_is_touched_when_it_is_opened_moved_or_holds(lively):
    long_ago = timezone.now() - timedelta(days=9)
    begun = timezone.now()
    Account.objects.update(created_at=long_ago)
    tamper(
        f"UPDATE loyalty_entry SET created_at = '{long_ago:%Y-%m-%d}'",
        f"UPDATE loyalty_hold SET created_at = '{long_ago:%Y-%m-%d}', ended_at = NULL"
        " WHERE status = 'open'",
        f"UPDATE loyalty_hold SET created_at = '{long_ago:%Y-%m-%d}',"
        f" ended_at = '{long_ago:%Y-%m-%d}' WHERE status <> 'open'",
    )
    untouched = touched_since(begun)

    adjust_points(
        program_id=lively.shop.program.pk,
        member_id=lively.mina.pk,
        points=1,
        reason="goodwill",
        actor=SYSTEM,
        request_key="one",
    )

    assert untouched == []
    assert touched_since(begun) == [lively.M]
    assert sorted(touched_since(long_ago - timedelta(days=1))) == [lively.M, lively.N, lively.O]
    assert touched_since(begun, organization_id=open_shop("low-road").organization.pk) == []


def test_entries_of_a_batch_are_told_by_the_batch_of_their_own_organization(lively):
    batch = Batch.objects.create(organization=open_shop("low-road").organization, kind="x")
    entry = Entry.objects.filter(account=lively.O).latest("pk")

    tamper(f"UPDATE loyalty_entry SET batch_id = {batch.pk} WHERE id = {entry.pk}")

    assert [(row.invariant, row.subject_id) for row in violations()] == [("INV-11", entry.pk)]


@pytest.mark.proves("INV-11b")
def test_every_way_from_one_account_to_another_is_compared():
    """The foreign keys of the models are the list; nobody has to remember a new one."""
    models = apps.get_app_config("loyalty").get_models()
    keys = {model: [field for field in model._meta.fields if field.many_to_one] for model in models}
    keys |= {
        model: keys[model] + [field for field in model._meta.fields if field.one_to_one]
        for model in keys
    }
    own = {model for model, fields in keys.items() if "account" in {one.name for one in fields}}
    own -= {AccountHolder}  # it says whose the account is

    direct = {
        f"{model._meta.db_table} one JOIN {key.related_model._meta.db_table}"
        f" other ON other.id = one.{key.column}"
        for model in own
        for key in keys[model]
        if key.related_model in own and key.name != "origin"  # of an account that was merged
    }
    between = {
        model._meta.db_table
        for model, fields in keys.items()
        if model not in own and sum(key.related_model in own for key in fields) > 1
    }

    ways = [way for _subject, way in WITHIN_AN_ACCOUNT]
    assert direct == {way for way in ways if " part " not in way}
    assert between == {way.split(" part ")[0] for way in ways if " part " in way}

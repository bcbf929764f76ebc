from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import (
    AccountUnderReview,
    HoldAlreadyCaptured,
    HoldCanceled,
    HoldExpired,
    InsufficientPoints,
    PointsHeld,
    PointsLimitExceeded,
)
from loyalty.models import Account, Consumption, Entry, Hold, Lot
from loyalty.queries import balance_of
from loyalty.services.adjustments import adjust_points
from loyalty.services.ledger import (
    Cause,
    Credit,
    cancel,
    capture,
    earn,
    expire,
    hold,
    open_book,
    release,
)

NEVER = None


def give(shop, member, points, *, key="gift", available=None, expires=NEVER, now=None):
    """Give points through the ledger, as one lot."""
    now = now or timezone.now()
    shop.buys(member, "1.00") if not member.holdings.exists() else None
    account = shop.account(member)
    with transaction.atomic(), open_book([account.pk], actor=SYSTEM, now=now) as book:
        entry = earn(
            book,
            account.pk,
            [Credit(points, available or now, expires)],
            Cause("test", None, key, now),
            kind=Entry.Kind.OPENING,
        )
    return entry


def spend(shop, member, points, *, key="spend", now=None):
    """Spend points through a hold that is captured at once."""
    with transaction.atomic(), book_of(shop, member, now=now) as book:
        made = set_aside(book, shop, member, points, key=key)
    with transaction.atomic(), book_of(shop, member, now=now) as book:
        return capture(book, made.pk, Cause("test", None, f"{key}:capture", book.now))


def book_of(shop, member, **options):
    return open_book([shop.account(member).pk], actor=SYSTEM, **options)


def set_aside(book, shop, member, points, *, key="hold", seconds=600):
    return hold(
        book,
        shop.account(member).pk,
        points,
        request_key=key,
        expires_at=book.now + timedelta(seconds=seconds),
    )


def lots(shop, member):
    rows = Lot.objects.filter(account=shop.account(member), entry__kind="opening").order_by("pk")
    return [(lot.remaining, lot.held) for lot in rows]


@pytest.mark.proves("case 16")
def test_spending_takes_the_lot_that_ends_first_and_says_which_lots_paid(shop, member):
    now = timezone.now()
    give(shop, member, 50, key="july", expires=now + timedelta(days=60))
    give(shop, member, 50, key="may", expires=now + timedelta(days=10))

    entry = spend(shop, member, 70)

    assert lots(shop, member) == [(30, 0), (0, 0)]
    paid = Consumption.objects.filter(entry=entry).order_by("points")
    assert [part.points for part in paid] == [20, 50]


@pytest.mark.proves("case 17", "T5")
def test_when_a_lot_ends_only_what_is_left_in_it_expires(shop, member):
    now = timezone.now()
    give(shop, member, 100, key="old", expires=now + timedelta(days=1))
    spend(shop, member, 80)
    give(shop, member, 50, key="new")

    with transaction.atomic(), book_of(shop, member, now=now + timedelta(days=2)) as book:
        entries = expire(book, shop.account(member).pk)

    assert [entry.points for entry in entries] == [-20]
    assert balance_of(shop.account(member)).balance == 51


@pytest.mark.proves("case 20")
def test_points_are_unusable_from_their_end_on_whether_or_not_a_job_has_run(shop, member):
    end = timezone.now() + timedelta(days=1)
    give(shop, member, 100, expires=end)

    with pytest.raises(InsufficientPoints) as refusal:
        spend(shop, member, 50, now=end)

    assert refusal.value.data == {"balance": 1, "needed": 50, "held": 0}
    assert balance_of(shop.account(member), now=end).balance == 1
    assert balance_of(shop.account(member), now=end - timedelta(seconds=1)).balance == 101


@pytest.mark.proves("case 26")
def test_held_points_cannot_be_spent_and_the_refusal_says_that_they_are_held(shop, member):
    give(shop, member, 99)
    with transaction.atomic(), book_of(shop, member) as book:
        set_aside(book, shop, member, 80)

    with pytest.raises(PointsHeld) as refusal:
        spend(shop, member, 30)

    assert refusal.value.code == "points_held"
    assert refusal.value.data == {"balance": 20, "needed": 30, "held": 80}
    assert balance_of(shop.account(member)).held == 80


@pytest.mark.proves("case 26")
def test_a_canceled_hold_gives_the_points_back_to_the_same_lots_without_an_entry(shop, member):
    give(shop, member, 99)
    with transaction.atomic(), book_of(shop, member) as book:
        made = set_aside(book, shop, member, 80)
    before = shop.entries(member)

    with transaction.atomic(), book_of(shop, member) as book:
        cancel(book, made.pk)

    assert lots(shop, member) == [(99, 0)]
    assert shop.entries(member) == before
    assert Hold.objects.get(pk=made.pk).status == Hold.Status.CANCELED


@pytest.mark.parametrize(
    ("why", "first", "refusal"),
    [
        ("spent before", capture, HoldAlreadyCaptured),
        ("given back before", cancel, HoldCanceled),
    ],
)
def test_a_hold_ends_once(shop, member, why, first, refusal):
    give(shop, member, 99)
    with transaction.atomic(), book_of(shop, member) as book:
        made = set_aside(book, shop, member, 80)
    with transaction.atomic(), book_of(shop, member) as book:
        arguments = [Cause("test", None, "first", book.now)] if first is capture else []
        first(book, made.pk, *arguments)
    before = shop.entries(member)

    with pytest.raises(refusal), transaction.atomic(), book_of(shop, member) as book:
        capture(book, made.pk, Cause("test", None, "again", book.now))

    assert shop.entries(member) == before


def test_a_hold_whose_time_is_over_cannot_be_captured(shop, member):
    give(shop, member, 99)
    with transaction.atomic(), book_of(shop, member) as book:
        made = set_aside(book, shop, member, 80, seconds=60)
    late = timezone.now() + timedelta(seconds=61)

    with (
        pytest.raises(HoldExpired),
        transaction.atomic(),
        book_of(shop, member, now=late) as book,
    ):
        capture(book, made.pk, Cause("test", None, "late", late))

    assert lots(shop, member) == [(99, 80)]


@pytest.mark.proves("T3")
def test_what_was_set_aside_in_time_may_be_spent_after_the_points_ended(shop, member):
    end = timezone.now() + timedelta(seconds=60)
    give(shop, member, 100, expires=end)
    with transaction.atomic(), book_of(shop, member) as book:
        made = set_aside(book, shop, member, 80)
    with transaction.atomic(), book_of(shop, member, now=end) as book:
        expire(book, shop.account(member).pk)

    with transaction.atomic(), book_of(shop, member, now=end) as book:
        capture(book, made.pk, Cause("test", None, "capture", end))

    assert lots(shop, member) == [(0, 0)]
    assert [entry[:2] for entry in shop.entries(member)][-2:] == [("expire", -20), ("redeem", -80)]


@pytest.mark.proves("case 21")
def test_an_undone_redemption_gives_points_back_with_their_own_end(shop, member):
    end = timezone.now() + timedelta(days=1)
    give(shop, member, 100, expires=end)
    spent = spend(shop, member, 80)

    with transaction.atomic(), book_of(shop, member, touched_by=[spent.pk]) as book:
        release(book, spent.pk, Cause("test", None, "undo", book.now))

    assert lots(shop, member) == [(100, 0)]
    assert balance_of(shop.account(member), now=end).balance == 1


@pytest.mark.proves("case 21")
def test_points_given_back_after_their_end_are_gone_at_once(shop, member):
    end = timezone.now() + timedelta(days=1)
    give(shop, member, 100, expires=end)
    spent = spend(shop, member, 80)

    with transaction.atomic(), book_of(shop, member, touched_by=[spent.pk], now=end) as book:
        release(book, spent.pk, Cause("test", None, "undo", end))

    assert [entry[:2] for entry in shop.entries(member)][-2:] == [("release", 80), ("expire", -100)]
    assert lots(shop, member) == [(0, 0)]


def test_points_that_wait_cannot_be_spent_yet(shop, member):
    soon = timezone.now() + timedelta(days=14)
    give(shop, member, 100, available=soon)

    with pytest.raises(InsufficientPoints):
        spend(shop, member, 50)

    figures = balance_of(shop.account(member))
    assert (figures.balance, figures.pending) == (1, 100)
    assert balance_of(shop.account(member), now=soon).balance == 101


def test_an_adjustment_leaves_its_reason_and_cannot_take_more_than_there_is(shop, member):
    give(shop, member, 10)

    with pytest.raises(InsufficientPoints):
        adjust_points(
            program_id=shop.program.pk,
            member_id=member.pk,
            points=-20,
            reason="typing error",
            actor=SYSTEM,
            request_key="a",
        )
    entry = adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=5,
        reason="goodwill",
        actor=SYSTEM,
        request_key="b",
    )

    assert (entry.points, entry.reason, entry.actor) == (5, "goodwill", "system")
    assert shop.balance(member) == 16


@pytest.mark.proves("L5")
def test_a_balance_too_large_to_be_exact_is_refused_and_leaves_no_trace(shop, member):
    give(shop, member, 1)
    before = shop.entries(member)

    with pytest.raises(PointsLimitExceeded):
        give(shop, member, 2**53, key="huge")

    assert shop.entries(member) == before


def test_an_account_under_review_is_not_spent_from(shop, member):
    give(shop, member, 100)
    Account.objects.update(under_review_since=timezone.now())

    with pytest.raises(AccountUnderReview):
        spend(shop, member, 10)
    with pytest.raises(AccountUnderReview):
        adjust_points(
            program_id=shop.program.pk,
            member_id=member.pk,
            points=-10,
            reason="typing error",
            actor=SYSTEM,
            request_key="a",
        )

    assert lots(shop, member) == [(100, 0)]


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["loyalty_entry", "loyalty_consumption", "loyalty_ruleversion"])
def test_history_cannot_be_changed_not_even_by_hand(shop, member, table, statement):
    give(shop, member, 100)
    spend(shop, member, 10)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.proves("INV-13")
def test_one_request_key_has_one_effect_per_account(shop, member):
    give(shop, member, 100, key="same")

    with pytest.raises(IntegrityError), transaction.atomic():
        give(shop, member, 100, key="same")

    assert shop.balance(member) == 101

"""What members do besides buying is recorded once, and earns by the rules that ask for it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from core.services.nights import run_nights
from loyalty.activity_drafts import ActivityDraft
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.errors import ActivityConflict, CountedOnce, DuplicateActivity
from loyalty.models import Activity, Award, Entry
from loyalty.services.activities import record_activity
from loyalty.services.anniversaries import anniversary_chunk
from members.models import Source
from members.services.enrollment import enroll
from tests.shops import assert_audit_is_clean


def gives(points, kind, **rest):
    return {
        "trigger": {"type": "activity", "kind": kind},
        "effect": {"type": "fixed_points", "points": points},
        **rest,
    }


def draft(member, kind="review", number="a1", **details):
    return ActivityDraft(
        member_id=member.pk,
        kind=ActivityKind(kind),
        source="site",
        external_id=number,
        request_key=f"activity-{number}",
        **{"occurred_at": timezone.now(), "is_dated": False, **details},
    )


def does(shop, member, **details):
    return record_activity(
        organization_id=shop.organization.pk, draft=draft(member, **details), actor=SYSTEM
    )


def test_a_review_earns_what_its_rule_says_and_a_purchase_does_not(shop):
    member = shop.member()
    shop.add_rule(gives(25, "review"))

    done = does(shop, member)
    bought = shop.buys(member, "10.00")

    assert (done.points, bought.points) == (25, 10)
    assert shop.entries(member) == [("earn", 25, 25), ("earn", 10, 35)]
    assert Award.objects.get(activity=done.activity).purchase is None
    assert_audit_is_clean()


def test_the_same_again_is_refused_and_so_is_something_else_under_its_number(shop):
    member = shop.member()
    shop.add_rule(gives(25, "review"))
    does(shop, member)

    with pytest.raises(DuplicateActivity) as same:
        does(shop, member)
    with pytest.raises(ActivityConflict):
        does(shop, member, data={"stars": "5"})

    kept = Activity.objects.get(kind="review")
    assert same.value.data == {"activity": str(kept.public_id)}
    assert shop.balance(member) == 25


def test_who_joins_is_given_for_it_once_and_who_is_brought_along_is_not(shop):
    shop.add_rule(gives(100, "joined"))

    member = shop.member()
    brought = enroll(
        organization_id=shop.organization.pk, source=Source.IMPORT, phone="+447400123457"
    ).member
    with pytest.raises(CountedOnce):
        does(shop, member, kind="joined")

    assert shop.balance(member) == 100
    assert not Activity.objects.filter(member=brought).exists()
    assert Entry.objects.count() == 1
    assert_audit_is_clean()


def test_limits_and_conditions_count_for_activities_too(shop):
    member = shop.member()
    limits = {"per_member": {"day": 30}}
    shop.add_rule(gives(25, "check_in", limits=limits))
    shop.add_rule(gives(5, "check_in", conditions=[{"type": "dates", "until": "2020-01-01"}]))

    first, second = (does(shop, member, kind="check_in", number=str(one)) for one in (1, 2))

    assert (first.points, second.points) == (25, 5)
    [over] = second.earned[0].outcome.not_applied
    assert over.why[0].code == "outside_dates"


def test_an_activity_of_the_shops_own_is_known_by_its_name(shop):
    member = shop.member()
    trigger = {"type": "activity", "kind": "custom", "name": "recycling"}
    shop.add_rule({**gives(10, "custom"), "trigger": trigger})

    other = does(shop, member, kind="custom", name="washing", number="w")
    done = does(shop, member, kind="custom", name="recycling", number="r")

    assert (other.points, done.points) == (0, 10)
    assert OutboxEvent.objects.filter(kind="activity.recorded").count() == 2  # joining gave nothing


def night(shop, kind, since, day):
    zone = shop.organization.zone
    position = 0
    while position is not None:
        position = anniversary_chunk(
            organization_id=shop.organization.pk,
            kind=ActivityKind(kind),
            day=day,
            since=datetime(since.year, since.month, since.day, tzinfo=zone),
            after=position,
            chunk=1,
        )


@pytest.mark.proves("T7")
@pytest.mark.parametrize(
    ("birthday", "year", "falls"),
    [
        ("1990-05-17", 2026, date(2026, 5, 17)),
        ("1992-02-29", 2026, date(2026, 2, 28)),
        ("1992-02-29", 2028, date(2028, 2, 29)),
        ("--02-29", 2027, date(2027, 2, 28)),
        ("--12-31", 2026, date(2026, 12, 31)),
        ("--01-01", 2027, date(2027, 1, 1)),
    ],
)
def test_a_birthday_comes_once_a_year_on_its_day(shop, birthday, year, falls):
    joined = datetime(2025, 1, 2, 10, tzinfo=UTC)
    member = shop.member(birthday=birthday, joined_at=joined)
    shop.add_rule(gives(50, "birthday"))

    with time_machine.travel(datetime(year + 1, 2, 1, 3, tzinfo=UTC)):
        night(shop, "birthday", date(year, 1, 1) - timedelta(days=1), date(year, 12, 31))
        night(shop, "birthday", date(year, 1, 1) - timedelta(days=1), date(year, 12, 31))

    [done] = Activity.objects.filter(kind="birthday")
    assert (done.member, done.once_key) == (member, str(year))
    assert done.occurred_at.astimezone(shop.organization.zone).date() == falls
    assert shop.entries(member) == [("earn", 50, 50)]
    assert_audit_is_clean()


@pytest.mark.proves("T7")
def test_the_anniversary_of_joining_is_not_the_day_itself(shop):
    leap_day = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
    member = shop.member(joined_at=leap_day)
    shop.add_rule(gives(20, "join_anniversary"))

    with time_machine.travel(datetime(2026, 4, 1, 3, tzinfo=UTC)):
        night(shop, "join_anniversary", date(2024, 2, 28), date(2025, 2, 1))
        night(shop, "join_anniversary", date(2025, 2, 1), date(2026, 1, 31))
        night(shop, "join_anniversary", date(2026, 1, 31), date(2026, 3, 2))

    days = Activity.objects.filter(kind="join_anniversary").order_by("occurred_at")
    zone = shop.organization.zone
    assert [one.occurred_at.astimezone(zone).date() for one in days] == [
        date(2025, 2, 28),
        date(2026, 2, 28),
    ]
    assert shop.balance(member) == 40


def test_after_an_outage_the_night_gives_each_birthday_its_own_day(shop):
    shop.add_rule(gives(50, "birthday"))
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with time_machine.travel(start) as clock:
        early = shop.member(birthday="--06-10", joined_at=start)
        late = shop.member("+447400123457", birthday="--06-30", joined_at=start)
        run_nights()
        clock.move_to(datetime(2026, 7, 5, 12, tzinfo=UTC))

        run_nights()
        run_nights()

    zone = shop.organization.zone
    days = Activity.objects.filter(kind="birthday").order_by("occurred_at")
    assert [(one.member, one.occurred_at.astimezone(zone).date()) for one in days] == [
        (early, date(2026, 6, 10)),
        (late, date(2026, 6, 30)),
    ]
    assert (shop.balance(early), shop.balance(late)) == (50, 50)


def test_nothing_is_noted_while_nothing_would_come_of_it(shop):
    shop.member(birthday="--06-10", joined_at=datetime(2025, 1, 1, tzinfo=UTC))

    night(shop, "birthday", date(2026, 6, 9), date(2026, 6, 11))

    assert not Activity.objects.filter(kind="birthday").exists()

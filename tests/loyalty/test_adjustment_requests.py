"""Corrections that one person asks for and another decides on."""

from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.actors import SYSTEM, integration_actor, staff_actor
from core.models import AuditRecord, OutboxEvent, Staff
from core.models.people import Role
from core.services.audit_ledger import accounts_named, violations
from loyalty.errors import (
    AdjustmentTooLarge,
    AlreadyDecided,
    DecisionOutOfReach,
    InsufficientPoints,
    NotAskedByYou,
    OwnRequest,
    PointsLimitExceeded,
)
from loyalty.models import AdjustmentRequest, Entry
from loyalty.services.adjustment_requests import (
    adjust_or_ask,
    approve_adjustment,
    decline_adjustment,
    withdraw_adjustment,
)
from loyalty.services.adjustments import Correction, adjust_points
from members.errors import MemberClosed
from members.models import Member, MemberStatus
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

Status = AdjustmentRequest.Status


def works_here(shop, role=Role.MANAGER, **changes):
    code = f"s{Staff.objects.count()}"
    staff = Staff.objects.create(
        organization=shop.organization, code=code, name=code, role=role, **changes
    )
    return staff_actor(staff.pk)


@pytest.fixture
def ada(shop):
    return works_here(shop)


@pytest.fixture
def ben(shop):
    return works_here(shop, Role.OWNER)


def wishes(shop, member, points):
    return Correction(
        program_id=shop.program.pk, member_id=member.pk, points=points, reason="Lost receipt"
    )


def ask(shop, member, points=20_000, *, by, key="k"):
    return adjust_or_ask(wish=wishes(shop, member, points), actor=by, request_key=key)


def state_of(asked):
    asked.refresh_from_db()
    return asked.status, asked.decided_by


# --- who may do what -----------------------------------------------------------------------------


@pytest.mark.proves("X8")
def test_beyond_the_limit_a_second_person_is_asked_and_nothing_moves(shop, member, ada):
    asked = ask(shop, member, by=ada)

    told = OutboxEvent.objects.get(kind="adjustment.asked")
    record = AuditRecord.objects.get(verb="asked")
    assert (asked.status, asked.points, asked.asked_by) == (Status.ASKED, 20_000, ada.name)
    assert (told.payload["request"], told.payload["points"]) == (str(asked.public_id), 20_000)
    assert (record.actor, record.reason) == (ada.name, "Lost receipt")
    assert Entry.objects.count() == 0


@pytest.mark.proves("X8")
def test_what_somebody_else_approves_is_written_once(shop, member, ada, ben):
    asked = ask(shop, member, by=ada)

    approve_adjustment(request_id=asked.pk, actor=ben)

    entry = Entry.objects.get()
    assert state_of(asked) == (Status.APPROVED, ben.name)
    assert (asked.entry, entry.cause, entry.cause_id) == (entry, "adjustment_request", asked.pk)
    assert (entry.actor, entry.reason) == (ben.name, "Lost receipt")
    assert shop.entries(member) == [("adjust", 20_000, 20_000)]


@pytest.mark.proves("X8")
def test_nobody_decides_on_what_they_asked_for(shop, member, ada):
    asked = ask(shop, member, by=ada)

    with pytest.raises(OwnRequest):
        approve_adjustment(request_id=asked.pk, actor=ada)
    with pytest.raises(OwnRequest):
        decline_adjustment(request_id=asked.pk, reason="no", actor=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdjustmentRequest.objects.update(
            status=Status.DECLINED,
            decided_by=ada.name,
            decided_at=timezone.now(),
            decided_because="no",
        )

    assert state_of(asked) == (Status.ASKED, "")
    assert Entry.objects.count() == 0


@pytest.mark.proves("X8")
def test_only_who_runs_the_shop_at_that_moment_decides(shop, member, ada):
    asked = ask(shop, member, by=ada)
    strangers = [
        works_here(shop, Role.CASHIER),
        works_here(shop, Role.ANALYST),
        works_here(shop, Role.OWNER, is_active=False),
        works_here(open_shop("elsewhere"), Role.OWNER),
        integration_actor(1),
        SYSTEM,
    ]

    for actor in strangers:
        with pytest.raises(DecisionOutOfReach):
            approve_adjustment(request_id=asked.pk, actor=actor)

    assert state_of(asked) == (Status.ASKED, "")
    assert Entry.objects.count() == 0


def test_an_owner_may_approve_what_a_shop_system_asked_for(shop, member, ben):
    shop.api_key()
    asked = ask(shop, member, by=integration_actor(shop.organization.integrations.get().pk))

    approve_adjustment(request_id=asked.pk, actor=ben)

    assert shop.balance(member) == 20_000


@pytest.mark.proves("X8")
def test_what_was_declined_or_withdrawn_stays_undone(shop, member, ada, ben):
    first, second = (ask(shop, member, by=ada, key=key) for key in "ab")

    decline_adjustment(request_id=first.pk, reason="Not ours", actor=ben)
    with pytest.raises(NotAskedByYou):
        withdraw_adjustment(request_id=second.pk, actor=ben)
    withdraw_adjustment(request_id=second.pk, actor=ada)
    for asked in (first, second):
        with pytest.raises(AlreadyDecided):
            approve_adjustment(request_id=asked.pk, actor=ben)

    first.refresh_from_db()
    assert (first.status, first.decided_because) == (Status.DECLINED, "Not ours")
    assert state_of(second) == (Status.WITHDRAWN, ada.name)
    assert AuditRecord.objects.get(verb="declined").reason == "Not ours"
    assert Entry.objects.count() == 0


# --- what is checked again -----------------------------------------------------------------------


def test_what_cannot_be_is_refused_when_it_is_asked_for(shop, member, ada):
    with pytest.raises(InsufficientPoints):
        ask(shop, member, -20_000, by=ada)
    with pytest.raises(PointsLimitExceeded):
        ask(shop, member, 2**53 + 1, by=ada)

    assert AdjustmentRequest.objects.count() == Entry.objects.count() == 0


def test_what_can_no_longer_be_is_refused_when_it_is_approved(shop, member, ada, ben):
    shop.settle(adjustment_points_max=10)
    shop.buys(member, "100")
    asked = ask(shop, member, -60, by=ada)
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=-9,
        reason="x",
        actor=ben,
        request_key="other",
    )
    shop.settle(adjustment_points_max=100)
    ask(shop, member, -50, by=ben, key="spent")

    with pytest.raises(InsufficientPoints):
        approve_adjustment(request_id=asked.pk, actor=ben)

    assert state_of(asked) == (Status.ASKED, "")
    assert shop.balance(member) == 41


def test_nothing_is_given_to_who_left_meanwhile(shop, member, ada, ben):
    asked = ask(shop, member, by=ada)
    Member.objects.filter(pk=member.pk).update(
        status=MemberStatus.ERASED, phone=None, email=None, email_key=None, name=""
    )

    with pytest.raises(MemberClosed):
        approve_adjustment(request_id=asked.pk, actor=ben)

    assert Entry.objects.count() == 0


@pytest.mark.proves("INV-18", "X8")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE loyalty_adjustmentrequest SET points = points - 1",
        "UPDATE loyalty_adjustmentrequest SET asked_by = 'x', decided_by = 'y'",
        "UPDATE loyalty_adjustmentrequest SET entry_id = NULL",
        "UPDATE loyalty_entry SET cause = 'adjustment', cause_id = NULL",
        "UPDATE members_member SET organization_id = {elsewhere}",
    ],
)
def test_a_request_that_says_something_else_than_its_entry_is_found_out(db, change):
    shop, elsewhere = open_shop(), open_shop("elsewhere")
    member, ada, ben = shop.member(), works_here(shop), works_here(shop, Role.OWNER)
    approve_adjustment(request_id=ask(shop, member, by=ada).pk, actor=ben)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE loyalty_adjustmentrequest"
            " DROP CONSTRAINT approved_adjustment_has_its_entry"
        )
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change.format(elsewhere=elsewhere.organization.pk))

    found = [row for row in violations() if row.invariant == "INV-18"]
    assert accounts_named(found) == {shop.account(member).pk}


# --- the day -------------------------------------------------------------------------------------


@pytest.mark.proves("X8")
def test_a_person_has_so_many_points_a_day_whoever_they_are_for(shop, member, ada, ben):
    shop.settle(adjustment_points_max=100, adjustment_points_per_day_max=150)
    other = shop.member("+447400999999")
    done = [
        ask(shop, member, 100, by=ada, key="a"),
        ask(shop, other, 30, by=ada, key="b"),
        ask(shop, other, -20, by=ada, key="c"),
    ]

    beyond = ask(shop, member, 1, by=ada, key="d")
    with pytest.raises(AdjustmentTooLarge) as refused:
        adjust_points(
            program_id=shop.program.pk,
            member_id=member.pk,
            points=1,
            reason="x",
            actor=ada,
            request_key="e",
        )
    by_another = ask(shop, member, 100, by=ben, key="f")

    assert [type(one) for one in (*done, beyond, by_another)] == [
        Entry,
        Entry,
        Entry,
        AdjustmentRequest,
        Entry,
    ]
    assert refused.value.data == {"points_max": 0}


def test_the_day_is_the_organizations_and_what_two_decided_does_not_count(shop, member, ada, ben):
    shop.organization.time_zone = "Asia/Tehran"
    shop.organization.save(update_fields=["time_zone"])
    shop.settle(adjustment_points_max=100, adjustment_points_per_day_max=100)
    with time_machine.travel("2026-05-20T20:20:00Z", tick=False):  # 23:50 there
        approve_adjustment(request_id=ask(shop, member, 500, by=ada).pk, actor=ben)
        late = ask(shop, member, 100, by=ben, key="late")
        too_late = ask(shop, member, 100, by=ben, key="too late")

    with time_machine.travel("2026-05-20T20:40:00Z", tick=False):
        next_day = ask(shop, member, 100, by=ben, key="next day")

    assert [type(one) for one in (late, too_late, next_day)] == [Entry, AdjustmentRequest, Entry]


# --- at the same moment --------------------------------------------------------------------------


def rival_decisions(shop, member, ada, deciders, serial):
    asked = ask(shop, member, by=ada, key=f"race-{serial}")
    approve, decline = deciders
    answers = race(
        partial(approve_adjustment, request_id=asked.pk, actor=approve),
        partial(decline_adjustment, request_id=asked.pk, reason="no", actor=decline),
    )
    return [one for one in answers if isinstance(one, AdjustmentRequest)], answers


@pytest.mark.race
@pytest.mark.proves("X8")
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_decide_at_once_one_does(shop, member, ada, ben):
    deciders = ben, works_here(shop, Role.OWNER)

    won, answers = rival_decisions(shop, member, ada, deciders, 0)
    asked = ask(shop, member, by=ada, key="twice")
    twice = race(*[partial(approve_adjustment, request_id=asked.pk, actor=ben)] * 3)

    assert len(won) == 1
    assert [type(one) for one in answers if one not in won] == [AlreadyDecided]
    assert sorted(type(one).__name__ for one in twice) == [
        "AdjustmentRequest",
        "AlreadyDecided",
        "AlreadyDecided",
    ]
    assert AdjustmentRequest.objects.filter(status="approved").count() == Entry.objects.count()
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("X8")
@pytest.mark.django_db(transaction=True)
def test_without_locks_both_decide(shop, member, ada, ben, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    deciders = ben, works_here(shop, Role.OWNER)
    ask(shop, member, 10, by=ada)  # the account is open before anybody races
    forget_locks(monkeypatch)

    def attempt(serial):
        won, _answers = rival_decisions(shop, member, ada, deciders, serial)
        return len(won) == 2

    assert seen(attempt)


def many_at_once(shop, people, ada, serial):
    return race(
        *(
            partial(ask, shop, one, 60, by=ada, key=f"{serial}-{number}")
            for number, one in enumerate(people)
        )
    )


@pytest.mark.race
@pytest.mark.proves("X8")
@pytest.mark.django_db(transaction=True)
def test_the_days_sum_is_counted_under_a_lock(shop, member, ada):
    shop.settle(adjustment_points_max=100, adjustment_points_per_day_max=100)
    people = [member, shop.member("+447400999999"), shop.member("+447400999998")]

    answers = many_at_once(shop, people, ada, 0)

    assert sorted(type(one).__name__ for one in answers) == [
        "AdjustmentRequest",
        "AdjustmentRequest",
        "Entry",
    ]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_a_person_gives_more_in_a_day(shop, member, ada, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    people = [member, shop.member("+447400999999")]
    forget_locks(monkeypatch)

    def attempt(serial):
        done = sum(Entry.objects.values_list("points", flat=True))
        shop.settle(adjustment_points_max=100, adjustment_points_per_day_max=100 + done)
        answers = many_at_once(shop, people, ada, serial)
        return [type(one) for one in answers] == [Entry, Entry]

    assert seen(attempt)
    assert violations() == []

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Refusal
from loyalty.models import Account, AccountHolder, Program, Rule, RuleVersion
from loyalty.services.programs import create_program
from loyalty.signals import rule_activating
from tests.loyalty.program_files import (
    ONE,
    THREE,
    TWO,
    document,
    dump,
    everything,
    faults,
    load,
    open_organization,
    points_per_pound,
)
from tests.shops import days_ago, open_shop


@pytest.fixture
def organization(db):
    return open_organization("high-street")


def test_a_changed_rule_gets_a_version_from_now_on_and_keeps_the_one_before(organization):
    load(organization, document())
    before = timezone.now()

    changes = load(organization, document(TWO))

    rule = Rule.objects.get()
    first, second = rule.versions.order_by("number")
    assert changes == ["rules.base"]
    assert (first.number, second.number) == (1, 2)
    assert first.effective_from == datetime(2000, 1, 1, tzinfo=UTC)
    assert before <= second.effective_from <= timezone.now()
    assert points_per_pound(organization) == [1, 2]


def test_a_changed_rule_can_wait_for_its_day(organization):
    load(organization, document())

    load(organization, document(("2000-01-01T00:00:00Z", ONE), ("2090-01-01T00:00:00+01:00", TWO)))

    last = RuleVersion.objects.get(number=2)
    assert last.effective_from == datetime(2089, 12, 31, 23, tzinfo=UTC)
    assert points_per_pound(organization) == [1, 2]


def test_an_older_version_comes_back_when_its_date_is_left_out(organization):
    load(organization, document())
    load(organization, document(TWO))

    load(organization, document(ONE))

    assert points_per_pound(organization) == [1, 2, 1]


def test_an_older_file_does_not_silently_lose_what_was_changed_since(organization):
    load(organization, document())
    load(organization, document(TWO))

    assert faults(organization, document()) == [
        ("rules.0.versions.0.effective_from", "changed_since")
    ]


def test_a_version_without_a_date_cannot_follow_one_that_has_not_begun(organization):
    file = document(("2000-01-01T00:00:00Z", ONE), ("2090-01-01T00:00:00Z", TWO), THREE)

    assert faults(organization, file) == [
        ("rules.0.versions.2.effective_from", "versions_out_of_order")
    ]


def test_a_rule_that_has_given_nothing_can_be_written_anew(organization):
    create_program(organization_id=organization.pk)

    load(organization, document(("2000-01-01T00:00:00Z", THREE)))

    assert points_per_pound(organization) == [1, 3]
    kept = dump(organization)["rules"][0]["versions"]
    assert [one["spec"]["effect"]["points"] for one in kept] == [3]


def test_what_was_given_stays_so_a_new_version_begins_later(shop, member):
    shop.buys(member, "10.00", at=days_ago(2))
    organization = shop.organization
    edited_in_place = document(("2000-01-01T00:00:00Z", TWO), slug="club")
    earlier = document(("1999-01-01T00:00:00Z", TWO), slug="club")

    assert faults(organization, edited_in_place) == [
        ("rules.0.versions.0.effective_from", "version_too_early")
    ]
    assert faults(organization, earlier) == [
        ("rules.0.versions.0.effective_from", "version_too_early")
    ]
    yesterday = days_ago(1).isoformat()
    load(organization, document((yesterday, TWO), slug="club"))
    shop.buys(member, "10.00")
    shop.buys(member, "10.00", at=days_ago(2))
    assert [points for _kind, points, _balance in shop.entries(member)] == [10, 20, 10]


def test_a_version_that_has_not_begun_can_still_be_replaced(shop, member):
    shop.buys(member, "10.00")
    later = (timezone.now() + timedelta(days=9)).isoformat()
    sooner = (timezone.now() + timedelta(days=3)).isoformat()
    load(shop.organization, document((later, TWO), slug="club"))

    load(shop.organization, document((sooner, THREE), slug="club"))

    kept = dump(shop.organization)["rules"][0]["versions"]
    assert [one["spec"]["effect"]["points"] for one in kept] == [1, 3]
    assert points_per_pound(shop.organization) == [1, 2, 3]


def test_a_file_earns_as_the_rule_it_holds(shop, member):
    load(shop.organization, document(("2000-01-01T00:00:00Z", THREE), slug="club"))

    shop.buys(member, "10.00")

    assert shop.balance(member) == 30


@pytest.fixture
def announced():
    heard = []

    def listen(sender, spec, program, **_rest):
        heard.append((program.slug, spec.effect.points))
        if spec.effect.points == 3:
            raise Refusal(field="rules")

    rule_activating.connect(listen)
    yield heard
    rule_activating.disconnect(listen)


def test_a_rule_is_announced_when_it_begins_to_act(organization, announced):
    load(organization, document(status="draft"))
    assert announced == []

    load(organization, document())
    load(organization, document())
    load(organization, document(TWO))

    assert announced == [("main", 1), ("main", 2)]


def test_whoever_hears_of_a_rule_can_refuse_the_whole_file(organization, announced):
    load(organization, document())
    before = everything()

    with pytest.raises(Refusal):
        load(organization, document(THREE, name="Renamed"))

    assert everything() == before


def test_an_account_is_held_in_its_own_program_and_organization_only(shop, member):
    other = open_shop("low-road")
    theirs = other.member("+447400123456")
    account = Account.objects.create(program=shop.program)
    extra = Program.objects.create(organization=shop.organization, slug="extra", name="Extra")

    for program, person in ((extra, member), (other.program, theirs), (shop.program, theirs)):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountHolder.objects.create(account=account, member=person, program=program)

    assert AccountHolder.objects.count() == 0
    account.delete()

"""A rule that ends by itself: at the till, for late receipts, in files, and on its page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models.people import Role
from loyalty.errors import ProgramInvalid, RuleInvalid
from loyalty.models import Rule, RuleVersion
from loyalty.queries import rules_in_force
from loyalty.rule_history import end_in
from loyalty.services.programs import dump_program, load_program
from loyalty.services.rule_editing import schedule_end, set_rule_status
from tests.loyalty.rule_forms import errors_on, per_pound
from tests.offices import keyed, office_of
from tests.shops import ONE_PER_POUND, days_ago
from tests.tills import text_of

RULES = "/office/high-street/program/rules/"
FIVE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 5},
    "stacking": {"stage": "bonus"},
}


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def ending(ends_at, **spec):
    return {**FIVE, "ends_at": ends_at.isoformat(), **spec}


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def test_a_version_gives_until_its_end_and_also_for_late_receipts_of_before(shop, member):
    shop.add_rule(ending(days_ago(2)))

    shop.buys(member, "10.00", at=days_ago(3))
    shop.buys(member, "10.00", at=days_ago(1))

    assert [points for _kind, points, _after in shop.entries(member)] == [15, 10]


def test_a_version_that_begins_after_the_end_of_another_takes_up_again(shop, member):
    rule = shop.add_rule(ending(days_ago(5)))
    shop.add_version(rule, FIVE, since=days_ago(2))

    for days in (6, 4, 1):
        shop.buys(member, "1.00", at=days_ago(days))

    assert [points for _kind, points, _after in shop.entries(member)] == [6, 1, 6]


def test_members_are_told_only_of_what_has_not_ended(shop):
    over, later = shop.add_rule(ending(days_ago(1))), shop.add_rule(ending(in_hours(1)))

    told = {version.rule_id for version in rules_in_force(shop.program)}

    assert told == {shop.rule.pk, later.pk}
    assert over.status == Rule.Status.ACTIVE


def test_a_rule_ends_at_a_moment_and_may_be_given_another(shop, office):
    at = in_hours(48).astimezone(shop.organization.zone).replace(second=0, microsecond=0)
    rule = f"{RULES}{shop.rule.public_id}/"

    office.post(f"{rule}ended/", keyed(ends_at=at.strftime("%Y-%m-%dT%H:%M")))
    page = text_of(office.get(rule))

    newest = shop.rule.versions.get(number=2)
    shop.rule.refresh_from_db()
    assert (shop.rule.status, end_in(newest.spec)) == ("active", at)
    assert "ends on" in page
    assert "Counts until Added: until" in page


def test_what_was_to_begin_after_the_end_never_will(shop):
    shop.add_version(shop.rule, ONE_PER_POUND, since=in_hours(1))
    shop.add_version(shop.rule, FIVE, since=in_hours(5))
    ends_at = in_hours(3)

    schedule_end(rule_id=shop.rule.pk, ends_at=ends_at, actor=SYSTEM)

    dumped = dump_program(organization_id=shop.organization.pk, slug="club")
    versions = dumped["rules"][0]["versions"]
    assert [one["spec"].get("ends_at") is not None for one in versions] == [False, True, True]
    assert all(one["effective_from"] < ends_at.isoformat() for one in versions)


@pytest.mark.parametrize("hours", [-1, 0])
def test_an_end_lies_ahead(shop, hours):
    with pytest.raises(RuleInvalid):
        schedule_end(rule_id=shop.rule.pk, ends_at=in_hours(hours), actor=SYSTEM)

    assert RuleVersion.objects.count() == 1


def test_what_is_over_is_not_taken_up_by_giving_it_another_end(shop):
    rule = shop.add_rule(ending(days_ago(1)))

    with pytest.raises(RuleInvalid):
        schedule_end(rule_id=rule.pk, ends_at=in_hours(1), actor=SYSTEM)

    assert rule.versions.count() == 1


def test_a_draft_whose_end_has_passed_cannot_be_switched_on(shop, office):
    office.post(f"{RULES}new/", per_pound(name="Late", ends_at="2020-01-01T00:00"))
    draft = Rule.objects.get(name="Late")

    with pytest.raises(RuleInvalid) as refused:
        set_rule_status(rule_id=draft.pk, status=Rule.Status.ACTIVE, actor=SYSTEM)

    draft.refresh_from_db()
    assert refused.value.data["errors"][0]["code"] == "ends_before_start"
    assert draft.status == Rule.Status.DRAFT


def test_a_new_version_cannot_end_before_it_begins(shop, office):
    edit = f"{RULES}{shop.rule.public_id}/edit/"
    sent = per_pound(points=3, seen="1", ends_at="2020-01-01T00:00")

    review = office.post(edit, sent)
    answer = office.post(edit, sent | {"read": review.context["read"]})

    assert list(errors_on(answer)) == ["ends_at"]
    assert shop.rule.versions.count() == 1


def test_an_end_is_typed_and_shown_on_the_clock_of_the_organization(shop, office):
    shop.organization.time_zone = "Europe/Helsinki"
    shop.organization.save()
    office.post(f"{RULES}new/", per_pound(name="Until", ends_at="2030-01-01T00:00"))
    rule = Rule.objects.get(name="Until")

    form = office.get(f"{RULES}{rule.public_id}/edit/")
    page = text_of(office.get(f"{RULES}{rule.public_id}/"))

    assert rule.versions.get().spec["ends_at"] == "2030-01-01T00:00:00+02:00"
    assert 'value="2030-01-01T00:00"' in form.content.decode()
    assert "given until the end of Dec 31, 2029" in page


def test_a_file_carries_the_end_and_loads_again_without_a_change(shop):
    shop.add_rule(ending(datetime(2030, 1, 1, tzinfo=UTC)))
    organization_id = shop.organization.pk
    document = dump_program(organization_id=organization_id, slug="club")

    loaded = load_program(organization_id=organization_id, document=document, actor=SYSTEM)

    assert document["rules"][1]["versions"][0]["spec"]["ends_at"] == "2030-01-01T00:00:00Z"
    assert loaded.changes == []


@pytest.mark.parametrize("ends_at", ["tomorrow", "2030-01-01T00:00:00", "0001-01-01T00:00:00Z", 5])
def test_an_end_is_a_moment(shop, ends_at):
    part = {"code": "x", "name": "X", "versions": [{"spec": {**FIVE, "ends_at": ends_at}}]}
    document = {"format": 1, "program": {"slug": "club", "name": "Club"}, "rules": [part]}

    with pytest.raises(ProgramInvalid) as refused:
        load_program(organization_id=shop.organization.pk, document=document, actor=SYSTEM)

    fault = refused.value.data["errors"][0]
    assert (fault["field"], fault["code"]) == ("rules.0.versions.0.spec.ends_at", "not_a_moment")


def test_what_is_over_says_so_and_how_to_go_on(shop, office):
    rule = shop.add_rule(ending(days_ago(1)))

    page = text_of(office.get(f"{RULES}{rule.public_id}/"))
    listed = office.get(RULES).context["rules"]

    assert "gives nothing more" in page
    assert "take the end out, and it goes on" in page
    assert [row.standing.state for row in listed] == ["active", "over"]


def test_a_rule_that_begins_later_says_when(shop, office):
    rule = shop.add_rule(FIVE, since=in_hours(30))

    page = office.get(f"{RULES}{rule.public_id}/")

    assert page.context["standing"].state == "scheduled"
    assert [row.label for row in page.context["history"]] == ["Begins later"]


def test_two_versions_are_compared_in_words(shop, office):
    shop.add_version(
        shop.rule, {**ONE_PER_POUND, "limits": {"per_purchase": 200}}, since=days_ago(9)
    )
    shop.add_version(
        shop.rule, {**ONE_PER_POUND, "limits": {"per_purchase": 300}}, since=days_ago(8)
    )
    rule = f"{RULES}{shop.rule.public_id}/"

    one_to_three = office.get(f"{rule}?from=1&to=3").context["compared"].changes
    two_to_three = office.get(f"{rule}?from=2&to=3").context["compared"].changes
    absent = [office.get(f"{rule}?{q}").context["compared"] for q in ("from=1&to=9", "from=x&to=1")]

    assert [(one.before, one.after) for one in one_to_three] == [("", "at most 300 per purchase")]
    assert [(one.before, one.after) for one in two_to_three] == [
        ("at most 200 per purchase", "at most 300 per purchase")
    ]
    assert absent == [None, None]


def test_what_changes_is_read_before_it_is_saved_and_so_is_what_never_will_count(shop, office):
    shop.add_version(shop.rule, FIVE, since=in_hours(30))
    sent = per_pound(points=3, name="Anew", seen="2", limits__per_purchase="100")

    review = text_of(office.post(f"{RULES}{shop.rule.public_id}/edit/", sent))

    assert "What changes Name Until then: Base From then on: Anew" in review
    assert "At most Added: at most 100 per purchase" in review
    assert "never will: 5 points" in review
    assert shop.rule.versions.count() == 2

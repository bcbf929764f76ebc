from uuid import uuid4

import pytest

from core.models import AuditRecord
from core.models.people import Role
from loyalty.models import Rule, RuleVersion
from loyalty.rule_history import UNDATED
from tests.loyalty.rule_forms import errors_on, per_pound
from tests.loyalty.test_returns import take_back
from tests.offices import keyed, office_of
from tests.shops import days_ago, open_shop
from tests.tills import text_of

RULES = "/office/high-street/program/rules/"


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def written(office, **fields):
    """Save a new rule in the editor, and return it."""
    answer = office.post(f"{RULES}new/", per_pound(**fields))
    assert answer.status_code == 302, errors_on(answer)
    return Rule.objects.get(public_id=answer.url.rstrip("/").rpartition("/")[2])


def becomes(office, rule, state, **fields):
    return office.post(f"{RULES}{rule.public_id}/{state}/", keyed(**fields))


def test_a_rule_is_a_draft_until_it_is_switched_on_and_then_earns(shop, member, office):
    rule = written(office, name="Twice", points=2)
    shop.buys(member, "10.00")
    before = shop.balance(member)

    becomes(office, rule, "active")
    shop.buys(member, "10.00")

    assert before == 10
    assert shop.balance(member) == 10 + 10 + 20


def test_a_rule_just_switched_on_gives_nothing_for_receipts_of_before(shop, member, office):
    rule = written(office, points=5)
    becomes(office, rule, "active")

    shop.buys(member, "10.00", at=days_ago(1))

    assert shop.balance(member) == 10


def test_a_draft_that_is_written_anew_never_counted(shop, member, office):
    rule = written(office, points=500)
    office.post(f"{RULES}{rule.public_id}/edit/", per_pound(points=3, seen="1"))
    becomes(office, rule, "active")

    shop.buys(member, "10.00")

    versions = rule.versions.order_by("number").values_list("effective_from", flat=True)
    assert list(versions)[:2] == [UNDATED, UNDATED]
    assert shop.balance(member) == 10 + 30


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_a_rule_at_rest_gives_nothing(shop, member, office, state):
    becomes(office, shop.rule, state)

    shop.buys(member, "10.00")

    assert not member.holdings.exists()


def test_a_paused_rule_goes_on(shop, member, office):
    becomes(office, shop.rule, "paused")
    becomes(office, shop.rule, "active")

    shop.buys(member, "10.00")

    assert shop.balance(member) == 10


def test_an_ended_rule_is_over(shop, office):
    becomes(office, shop.rule, "ended")

    again = becomes(office, shop.rule, "active")

    shop.rule.refresh_from_db()
    assert shop.rule.status == Rule.Status.ENDED
    assert "present state" in text_of(office.get(again.url))


def test_a_new_version_is_read_in_words_before_it_is_saved(shop, office):
    edit = f"{RULES}{shop.rule.public_id}/edit/"
    sent = per_pound(points=3, name="Base", seen="1")

    review = office.post(edit, sent)
    said = text_of(review)
    unsaved = shop.rule.versions.count()
    office.post(edit, sent | {"read": review.context["read"]})

    assert "Until then 1 point per £1 From now on 3 points per £1" in said
    assert unsaved == 1
    assert shop.rule.versions.count() == 2


def test_what_was_changed_after_it_was_read_is_read_again(shop, office):
    edit = f"{RULES}{shop.rule.public_id}/edit/"
    review = office.post(edit, per_pound(points=3, seen="1"))

    other = office.post(edit, per_pound(points=4, seen="1", read=review.context["read"]))

    assert other.status_code == 200
    assert shop.rule.versions.count() == 1


def changed(office, rule, **fields):
    """Save a new version of a rule that is on."""
    edit = f"{RULES}{rule.public_id}/edit/"
    sent = per_pound(name=rule.name, seen=str(rule.versions.count()), **fields)
    review = office.post(edit, sent)
    return office.post(edit, sent | {"read": review.context["read"]})


@pytest.mark.proves("R1")
def test_a_return_takes_back_what_the_old_version_gave(shop, member, office):
    old = shop.buys(member, "10.00")
    changed(office, shop.rule, points=3)
    shop.buys(member, "10.00")

    take_back(shop, old.purchase.external_id, lines={1: "1"})

    assert shop.entries(member) == [("earn", 10, 10), ("earn", 30, 40), ("return", -10, 30)]


def test_a_version_waits_for_its_moment(shop, member, office):
    changed(office, shop.rule, points=3, counts_from="2099-01-01T09:00")

    shop.buys(member, "10.00")

    newest = shop.rule.versions.order_by("-number").first()
    assert newest.effective_from.isoformat() == "2099-01-01T09:00:00+00:00"
    assert shop.balance(member) == 10


def test_a_version_cannot_begin_in_the_past(shop, office):
    answer = changed(office, shop.rule, points=3, counts_from="2020-01-01T09:00")

    assert list(errors_on(answer)) == ["counts_from"]
    assert shop.rule.versions.count() == 1


def test_two_people_do_not_overwrite_each_other(shop, office):
    sent = per_pound(points=3, seen="1")
    edit = f"{RULES}{shop.rule.public_id}/edit/"
    review = office.post(edit, sent)
    changed(office, shop.rule, points=4)

    late = office.post(edit, sent | {"read": review.context["read"]})

    assert "Somebody changed this rule meanwhile" in errors_on(late)["__all__"][0]
    assert shop.rule.versions.count() == 2


@pytest.mark.proves("I8")
def test_a_form_sent_twice_makes_one_rule(shop, office):
    sent = per_pound(name="Once")

    first, second = (office.post(f"{RULES}new/", sent) for _ in range(2))

    assert first.url == second.url
    assert Rule.objects.filter(name="Once").count() == 1


def test_rules_of_one_name_get_codes_of_their_own(shop, office):
    for _ in range(2):
        written(office, name="Café – Ünïq")

    codes = Rule.objects.filter(name__startswith="Café").order_by("pk")
    assert list(codes.values_list("code", flat=True)) == ["cafe-uniq", "cafe-uniq-2"]


def test_who_wrote_a_rule_is_kept(shop, office):
    rule = written(office)

    record = AuditRecord.objects.get(subject="loyalty.rule", subject_id=rule.pk)
    assert (record.verb, record.actor.partition(":")[0]) == ("added", "staff")
    assert "by Manager" in text_of(office.get(f"{RULES}{rule.public_id}/"))


FAULTY = [
    ({"points": ""}, "effect__points_per_amount__points"),
    ({"points": "0"}, "effect__points_per_amount__points"),
    ({"points": "x"}, "effect__points_per_amount__points"),
    ({"effect": "no"}, "effect"),
    ({"name": ""}, "name"),
    ({"conditions__store": "on"}, "conditions__store__stores"),
    ({"conditions__dates": "on"}, "conditions__dates"),
    (
        {"conditions__store": "on", "conditions__store__stores": "1"}
        | {"conditions__weekdays_and_hours": "on", "conditions__weekdays_and_hours__from": "07:00"},
        "conditions__weekdays_and_hours",
    ),
    ({"limits__per_member__day": "-1"}, "limits__per_member__day"),
    ({"expires": "after"}, "expires"),
    ({"expires": "after", "expires__after__months": "999"}, "expires__after__months"),
    ({"stacking__stage": "multiplier"}, "__all__"),
    ({"stacking__priority": "9999"}, "stacking__priority"),
    ({"conditions__sku": "on"}, "conditions__sku__skus"),
]


@pytest.mark.parametrize(("fields", "field"), FAULTY)
def test_what_is_wrong_stands_beside_its_field(shop, office, fields, field):
    answer = office.post(f"{RULES}new/", per_pound(**fields))

    assert answer.status_code == 200
    assert list(errors_on(answer)) == [field]
    assert Rule.objects.count() == 1


def test_words_and_a_trial_follow_what_is_typed(shop, office):
    sent = per_pound(
        points=2,
        **{"conditions__weekdays_and_hours": "on", "try-amount": "3.40"},
        conditions__weekdays_and_hours__weekdays=["monday", "tuesday"],
    )

    said = text_of(office.post(f"{RULES}words/", sent))

    assert "2 points per £1, Mondays and Tuesdays" in said
    assert "2 points per £1 on £3.40" in said
    assert "9 in all" in said
    assert RuleVersion.objects.count() == 1


def test_a_trial_says_why_a_rule_gives_nothing(shop, office):
    sent = per_pound(conditions__minimum_amount="on", conditions__minimum_amount__amount="20")

    said = text_of(office.post(f"{RULES}words/", sent))

    assert "only from £20; this came to £10.00" in said


def test_half_a_rule_has_no_words_yet(shop, office):
    said = text_of(office.post(f"{RULES}words/", per_pound(points="")))

    assert said == "In words What is set is no rule yet."


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.ANALYST])
def test_who_may_read_rules(shop, role):
    client = office_of(shop.organization, role)

    pages = [client.get(url).status_code for url in (RULES, f"{RULES}{shop.rule.public_id}/")]

    assert pages == [200, 200]


def test_analysts_change_nothing(shop):
    client = office_of(shop.organization, Role.ANALYST)
    edit = f"{RULES}{shop.rule.public_id}/edit/"

    answers = [client.get(f"{RULES}new/"), client.post(f"{RULES}new/", per_pound())]
    answers += [client.get(edit), client.post(edit, per_pound(seen="1"))]
    answers += [becomes(client, shop.rule, "ended"), client.post(f"{RULES}words/", per_pound())]

    assert {answer.status_code for answer in answers} == {403}
    assert list(Rule.objects.values_list("status", flat=True)) == ["active"]
    assert "New rule" not in text_of(client.get(RULES))


@pytest.mark.proves("X2")
def test_another_organizations_rule_is_not_there(shop, office):
    other = open_shop("elsewhere")
    theirs = f"{RULES}{other.rule.public_id}/"

    answers = [office.get(theirs), office.get(f"{theirs}edit/")]
    answers += [
        office.post(f"{theirs}edit/", per_pound(seen="1")),
        becomes(office, other.rule, "ended"),
    ]
    answers += [office.post(f"{RULES}words/?rule={other.rule.public_id}", per_pound())]
    answers += [office.get(f"{RULES}{uuid4()}/"), office.post(f"{RULES}words/?rule=x", per_pound())]

    assert {answer.status_code for answer in answers} == {404}
    assert other.rule.versions.count() == 1


def test_the_list_asks_the_same_for_one_rule_and_for_three(
    shop, office, member, django_assert_num_queries
):
    shop.buys(member, "10.00")
    office.get(RULES)
    with django_assert_num_queries(10):
        office.get(RULES)
    for _ in range(2):
        written(office)

    with django_assert_num_queries(10):
        page = office.get(RULES)

    assert [row.points for row in page.context["rules"]] == [10, 0, 0]


def test_an_unknown_state_is_not_there(shop, office):
    assert becomes(office, shop.rule, "asleep").status_code == 404

"""The office's form, table and categories of the full catalog."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.actors import SYSTEM
from core.models import Picture
from core.models.people import Role
from members.services.groups import create_group
from rewards.models import Reward, RewardCategory
from rewards.services.categories import add_category
from tests.draws import a_draw
from tests.ladders import put_up
from tests.offices import keyed, office_of
from tests.pictures import painted
from tests.shelves import choice, take
from tests.shops import open_shop
from tests.tills import text_of

HOME = "/office/high-street/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def typed(shop, **told):
    first = {"name": "Treat", "kind": "free_product", "points": "100", "is_for_points": "on"}
    return keyed(program=shop.program.public_id, **(first | told))


def add(office, shop, **told):
    return office.post(f"{HOME}rewards/add/", typed(shop, **told))


def file(content, name="mug.png"):
    return SimpleUploadedFile(name, content, content_type="image/png")


def errors(answer):
    return {name: str(told[0]) for name, told in answer.context["form"].errors.items()}


# --- how many there are --------------------------------------------------------------------------


def test_a_new_reward_has_its_whole_stock_whatever_others_took(shop, member, office):
    """Neither what was taken of other rewards nor what other shops gave away is missing from it."""
    other = open_shop("elsewhere")
    for place, person in ((shop, member), (other, other.member())):
        place.buys(person, "50.00")
        take(person, place.reward(10))

    add(office, shop, name="Mug", stock="1")

    mug = Reward.objects.get(name="Mug")
    assert (mug.stock_initial, mug.stock) == (1, 1)


# --- kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "told", "details"),
    [
        ("percent_off", {"percent": "12.5", "minimum": "20"}, {"percent": "12.5", "minimum": "20"}),
        ("free_product", {"product_sku": "A-1"}, {"product_sku": "A-1"}),
        ("product_with_purchase", {"product_category": "Tea"}, {"product_category": "Tea"}),
        ("free_shipping", {}, {}),
        ("experience", {}, {}),
        (
            "donation",
            {"partner": "The lifeboats", "gives": "£2"},
            {"partner": "The lifeboats", "gives": "£2"},
        ),
        ("draw_ticket", {"draw": "summer", "tickets": "3"}, {"draw": "summer", "tickets": 3}),
        ("exclusive", {}, {}),
        ("access", {"link": "https://club.example/x"}, {"link": "https://club.example/x"}),
    ],
)
def test_each_kind_keeps_what_it_needs(shop, office, kind, told, details):
    a_draw(shop, code="summer", prizes=({"reward": "later", "count": 1},))
    answer = add(office, shop, kind=kind, **told)

    reward = Reward.objects.get()
    assert answer.status_code == 302
    assert (reward.kind, reward.details, reward.amount) == (kind, details, None)
    assert text_of(office.get(answer.url)).count("Treat") >= 2


def test_what_another_kind_needs_is_passed_over(shop, office):
    add(office, shop, kind="gift_card", amount="25", percent="10", link="nonsense")

    reward = Reward.objects.get()
    assert (reward.amount, reward.details) == (25, {})


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "percent_off"}, "percent"),
        ({"kind": "percent_off", "percent": "101"}, "percent"),
        ({"kind": "donation"}, "partner"),
        ({"kind": "draw_ticket"}, "draw"),
        ({"kind": "draw_ticket", "draw": "summer", "tickets": "0"}, "tickets"),
        ({"kind": "draw_ticket", "draw": "summer", "tickets": "3"}, "draw"),
        ({"kind": "access"}, "access_code"),
        ({"kind": "access", "link": "http://club.example"}, "link"),
        ({"kind": "access", "link": "javascript:alert(1)"}, "link"),
        ({"kind": "access", "link": "https://a@b.example"}, "link"),
        ({"kind": "access", "link": "https://x.example", "shown_to_all": "on"}, "shown_to_all"),
        ({"kind": "choose_one"}, "options"),
        ({"kind": "choose_one", "options": ["nope", "nada"]}, "options"),
        ({"starts_on": "2026-07-06", "ends_on": "2026-07-05"}, "ends_on"),
        ({"ends_on": "soon"}, "ends_on"),
        ({"is_limited_edition": "on"}, "is_limited_edition"),
        ({"limit_count": "0"}, "limit_count"),
        ({"price_money": "1.005"}, "price_money"),
        ({"cost": "-1"}, "cost"),
        ({"undo_minutes": "1441"}, "undo_minutes"),
        ({"stores": ["9"]}, "stores"),
        ({"category": "nope"}, "category"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(shop, office, told, field):
    answer = add(office, shop, **told)

    assert list(errors(answer)) == [field]
    assert Reward.objects.count() == 0


def test_everything_is_kept_and_shown_again(shop, office):
    put_up(shop)
    create_group(organization_id=shop.organization.pk, name="Friends", code="friends", actor=SYSTEM)
    add_category(program_id=shop.program.pk, name="Drinks", actor=SYSTEM)
    told = {
        "category": "drinks",
        "price_money": "2.50",
        "cost": "1.10",
        "starts_on": "2026-07-06",
        "ends_on": "2026-07-20",
        "stores": ["1"],
        "tiers": ["gold"],
        "groups": ["friends"],
        "shown_to_all": "on",
        "limit_count": "2",
        "limit_period": "month",
        "stock": "10",
        "is_limited_edition": "on",
        "is_combinable": "on",
        "goodwill_days": "5",
        "undo_minutes": "30",
    }
    answer = add(office, shop, **told)
    reward = Reward.objects.select_related("category").get()
    again = office.get(f"{answer.url}edit/").context["form"]

    assert (reward.price_money, reward.cost) == (Decimal("2.5"), Decimal("1.1"))
    assert (reward.starts_on, reward.ends_on) == (date(2026, 7, 6), date(2026, 7, 20))
    assert (reward.stores, reward.tiers, reward.groups) == (["1"], ["gold"], ["friends"])
    assert (reward.limit_count, reward.limit_period, reward.category.name) == (2, "month", "Drinks")
    assert (reward.goodwill_days, reward.undo_minutes, reward.is_combinable) == (5, 30, True)
    shown = {
        name: again[name].value() for name in ("category", "price_money", "tiers", "undo_minutes")
    }
    assert shown == {
        "category": "drinks",
        "price_money": "2.50",
        "tiers": ["gold"],
        "undo_minutes": 30,
    }
    assert "2 per member and month" in text_of(office.get(answer.url))


def test_a_choice_is_between_other_rewards_of_the_program(shop, office):
    tea, cake = shop.reward(10, name="Tea"), shop.reward(10, name="Cake")
    either = choice(shop, tea, cake)
    stranger = open_shop("other").reward(10, name="Elsewhere")

    offered = [
        name
        for _, name in office.get(f"{HOME}rewards/add/").context["form"].fields["options"].choices
    ]
    answer = add(office, shop, kind="choose_one", options=[tea.code, cake.code])

    assert offered == ["Tea", "Cake"]
    assert Reward.objects.get(name="Treat").options == (tea.code, cake.code)
    assert answer.status_code == 302
    assert stranger.code not in either.options


def test_what_can_be_chosen_does_not_become_a_choice(shop, office):
    tea, cake, mug = [shop.reward(10, name=name) for name in ("Tea", "Cake", "Mug")]
    choice(shop, tea, cake)

    answer = office.post(
        f"{HOME}rewards/{tea.public_id}/edit/",
        typed(shop, name="Tea", kind="choose_one", options=[cake.code, mug.code]),
    )

    assert list(errors(answer)) == ["options"]
    assert Reward.objects.get(name="Tea").kind == "free_product"


# --- pictures ------------------------------------------------------------------------------------


def test_a_picture_is_kept_and_seen_by_members(shop, office, client):
    answer = add(office, shop, picture=file(painted()), picture_alt="A mug")

    reward = Reward.objects.get()
    page = office.get(answer.url).content.decode()
    assert f"/media/{reward.picture_id}-small.webp" in page
    assert 'alt="A mug"' in page
    assert client.get(f"/media/{reward.picture_id}.webp").status_code == 200


@pytest.mark.proves("input 88", "input 89")
@pytest.mark.parametrize("content", [SVG, b"<html>", b"GIF89a" + b"\0" * 50])
def test_what_is_no_picture_is_refused_whatever_its_name(shop, office, content):
    answer = add(office, shop, picture=file(content))

    assert errors(answer)["picture"].startswith("PNG, JPEG, WebP only")
    assert (Reward.objects.count(), Picture.objects.count()) == (0, 0)


def test_a_picture_stays_until_it_is_replaced_or_dropped(shop, office):
    add(office, shop, picture=file(painted()))
    reward = Reward.objects.get()
    first, url = reward.picture_id, f"{HOME}rewards/{reward.public_id}/edit/"
    seen = [first]
    for told in ({}, {"picture": file(painted(50, 50))}, {"drops_picture": "on"}):
        office.post(url, typed(shop, **told))
        reward.refresh_from_db()
        seen.append(reward.picture_id)

    assert seen[1] == first
    assert seen[2] not in (None, first)
    assert seen[3] is None


def test_the_same_form_sent_twice_with_its_picture_is_one_reward(shop, office):
    sent = typed(shop)

    answers = [
        office.post(f"{HOME}rewards/add/", sent | {"picture": file(painted())}) for _ in range(2)
    ]

    assert answers[0].url == answers[1].url
    assert Reward.objects.count() == 1


# --- the table -----------------------------------------------------------------------------------


def test_the_table_says_what_is_taken_most_and_what_that_cost(shop, member, office):
    shop.buys(member, "1000.00")
    mug = shop.reward(100, name="Mug", cost="2.20", stock=10)
    tea = shop.reward(10, name="Tea", cost="0.50")
    either = choice(shop, tea, mug)
    for _ in range(3):
        take(member, mug)
    take(member, either, choice=tea.public_id)

    rows = {row.name: row for row in office.get(f"{HOME}rewards/").context["rows"]}

    assert [(rows[name].taken, rows[name].rank, rows[name].cost) for name in ("Mug", "Tea")] == [
        (3, 1, Decimal("6.6")),
        (1, 2, Decimal("0.5")),
    ]
    assert (rows["One of these"].taken, rows["Mug"].left, rows["Mug"].in_all) == (1, 7, 10)


def test_filters_stay_in_the_address(shop, office):
    drinks = add_category(program_id=shop.program.pk, name="Drinks", actor=SYSTEM)
    shop.reward(10, name="Tea", category=drinks)
    shop.reward(20, name="Coffee", category=drinks, status="paused")
    shop.reward(30, name="Mug")

    def names(**asked):
        page = office.get(f"{HOME}rewards/?{urlencode(asked)}")
        return [row.name for row in page.context["rows"]]

    assert names(category="drinks") == ["Tea", "Coffee"]
    assert names(state="paused", category="drinks") == ["Coffee"]
    assert names(category="nope") == []
    assert names(state="nonsense") == ["Tea", "Coffee", "Mug"]


# --- categories ----------------------------------------------------------------------------------


def test_categories_are_added_moved_renamed_and_removed(shop, office):
    url = f"{HOME}rewards/categories/"
    for name in ("Drinks", "Food"):
        office.post(url, keyed(name=name))
    drinks, food = RewardCategory.objects.order_by("position")
    tea = shop.reward(10, category=drinks)
    seen = [order()]

    office.post(f"{url}{food.public_id}/up/", keyed())
    seen.append(order())
    office.post(f"{url}{food.public_id}/rename/", keyed(name="Things to eat"))
    seen.append(order())
    office.post(f"{url}{drinks.public_id}/remove/", keyed())
    seen.append(order())

    tea.refresh_from_db()
    assert seen == [
        ["Drinks", "Food"],
        ["Food", "Drinks"],
        ["Things to eat", "Drinks"],
        ["Things to eat"],
    ]
    assert tea.category is None
    assert "Things to eat" in text_of(office.get(url))


def order():
    return list(RewardCategory.objects.order_by("position").values_list("name", flat=True))


@pytest.mark.parametrize("name", ["", "\u200b", "x" * 81])
def test_a_category_has_a_name(shop, office, name):
    answer = office.post(f"{HOME}rewards/categories/", keyed(name=name))

    assert list(errors(answer)) == ["name"]
    assert order() == []


@pytest.mark.proves("X2")
def test_another_shops_category_does_not_exist(shop, office):
    other = open_shop("low-road")
    theirs = add_category(program_id=other.program.pk, name="Theirs", actor=SYSTEM)
    url = f"{HOME}rewards/categories/{theirs.public_id}"

    answers = [
        office.post(f"{url}/{what}/", keyed(name="Ours")) for what in ("rename", "remove", "up")
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert RewardCategory.objects.get().name == "Theirs"


@pytest.mark.parametrize("how_many", [1, 3])
def test_categories_ask_as_much_however_many(shop, office, how_many, django_assert_num_queries):
    for number in range(how_many):
        add_category(program_id=shop.program.pk, name=f"No {number}", actor=SYSTEM)
    office.get(f"{HOME}rewards/categories/")

    with django_assert_num_queries(5):
        office.get(f"{HOME}rewards/categories/")

from uuid import UUID, uuid4

import pytest

from core.actors import SYSTEM
from core.models import AuditRecord
from core.models.people import Role
from rewards.models import Redemption, Reward
from rewards.services.redemptions import redeem
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of
from tests.vouchers import use

NOWHERE = UUID("00000000-0000-4000-8000-000000000000")
HOME = "/office/high-street/"


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def take(member, reward, **options):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=uuid4().hex, **options
    )


def filled_in(shop, **typed):
    return keyed(
        program=shop.program.public_id,
        **{
            "name": "Five pounds off",
            "kind": "amount_off",
            "amount": "5",
            "points": "500",
            "is_for_points": "on",
            "stock": "20",
            "valid_days": "30",
            "description": "Off anything",
            "terms": "Once\r\nper visit.",
            **typed,
        },
    )


def edited(shop, reward, **typed):
    fields = {"name": reward.name, "kind": "free_product", "amount": "", "points": reward.points}
    fields |= {"stock": "", "valid_days": "", "description": "", "terms": "", "is_for_points": "on"}
    return filled_in(shop, **{**fields, **typed})


def address(reward, page=""):
    return f"{HOME}rewards/{reward.public_id}/{page}"


def noted():
    records = AuditRecord.objects.filter(subject="rewards.reward").order_by("pk")
    return list(records.values_list("verb", "fields"))


# --- the list ------------------------------------------------------------------------------------


def test_the_list_says_what_is_left_and_what_was_taken(shop, rich, office):
    mug = shop.reward(100, name="Mug", stock=3)
    shop.reward(50, name="Coffee", kind="amount_off", amount=5, status="draft")
    take(rich, mug)

    page = office.get(f"{HOME}rewards/")

    assert [
        (row.name, row.kind, row.points, row.stock, row.taken, row.state)
        for row in page.context["rows"]
    ] == [
        ("Coffee", "£5.00 off", 50, "∞", 0, "draft"),
        ("Mug", "Free product", 100, "2 of 3", 1, "active"),
    ]


def test_an_empty_list_offers_to_add_one_to_who_may(shop, office):
    analyst = office_of(shop.organization, Role.ANALYST)

    assert "Add a reward" in text_of(office.get(f"{HOME}rewards/"))
    assert "Add a reward" not in text_of(analyst.get(f"{HOME}rewards/"))


@pytest.mark.parametrize("rewards", [1, 3])
def test_the_list_asks_as_much_however_long(shop, office, rewards, django_assert_num_queries):
    for _ in range(rewards):
        shop.reward(10)
    office.get(f"{HOME}rewards/")

    with django_assert_num_queries(6):
        page = office.get(f"{HOME}rewards/")

    assert len(page.context["rows"]) == rewards


@pytest.mark.parametrize("takers", [1, 3])
def test_a_reward_asks_as_much_however_many_took_it(
    shop, rich, office, takers, django_assert_num_queries
):
    reward = shop.reward(10)
    for _ in range(takers):
        take(rich, reward, store_id=shop.store.pk)
    office.get(address(reward))

    with django_assert_num_queries(6):
        page = office.get(address(reward))

    assert len(page.context["rows"]) == takers


# --- adding and changing -------------------------------------------------------------------------


def test_a_new_reward_is_a_draft(shop, office):
    answer = office.post(f"{HOME}rewards/add/", filled_in(shop))

    reward = Reward.objects.get()
    assert answer.url == address(reward)
    assert (reward.code, reward.status, reward.kind, reward.amount) == (
        "five-pounds-off",
        "draft",
        "amount_off",
        5,
    )
    assert (reward.points, reward.stock, reward.valid_days) == (500, 20, 30)
    assert (reward.description, reward.terms) == ("Off anything", "Once per visit.")
    assert [verb for verb, _fields in noted()] == ["added"]


def test_a_form_sent_twice_adds_one(shop, office):
    sent = filled_in(shop)

    answers = [office.post(f"{HOME}rewards/add/", sent) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert Reward.objects.count() == 1


def test_names_that_are_alike_get_codes_of_their_own(shop, office):
    for name in ("Coffee", "coffee", "قهوه", "چای"):
        office.post(f"{HOME}rewards/add/", filled_in(shop, name=name))

    codes = Reward.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["coffee", "coffee-2", "reward", "reward-2"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "\u200b"}, "name", "Write something here."),
        ({"name": "a\0b"}, "name", "Null characters are not allowed."),
        ({"kind": "gold"}, "kind", "Select a valid choice."),
        ({"amount": ""}, "amount", "Say how much is taken off."),
        ({"amount": "0"}, "amount", "This must be more than 0."),
        ({"amount": "5.001"}, "amount", "This has too many decimals."),
        ({"amount": "five"}, "amount", "Write a number such as 12.50."),
        ({"points": ""}, "points", "This field is required."),
        ({"points": "0"}, "points", "This must be at least 1."),
        ({"points": "9" * 30}, "points", "This must be at most 10000000."),
        ({"points": "9" * 5000}, "points", "Enter a whole number."),
        ({"stock": "-1"}, "stock", "This must be at least 0."),
        ({"valid_days": "0"}, "valid_days", "This must be at least 1."),
        ({"terms": "x" * 1001}, "terms", "at most 1000 characters"),
        ({"program": NOWHERE}, "program", "Select a valid choice."),
        ({"program": "x"}, "program", "not a valid"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_adds_nothing(shop, office, typed, field, said):
    page = office.post(f"{HOME}rewards/add/", filled_in(shop) | typed)

    errors = {name: list(map(str, told)) for name, told in page.context["form"].errors.items()}
    assert list(errors) == [field]
    assert said in errors[field][0]
    assert (list(Reward.objects.all()), noted()) == ([], [])


def test_a_new_price_counts_from_now_on(shop, rich, office):
    reward = shop.reward(100, name="Mug", stock=3)
    taken = take(rich, reward)

    office.post(address(reward, "edit/"), edited(shop, reward, points="150", stock="10"))

    reward.refresh_from_db()
    taken.refresh_from_db()
    assert (reward.points, reward.stock_initial, reward.stock) == (150, 10, 9)
    assert (taken.points, shop.balance(rich)) == (100, 900)
    assert noted() == [("changed", ["points", "stock", "stock_initial"])]


def test_the_form_shows_what_is_known(shop, office):
    reward = shop.reward(100, name="Mug", stock=3, kind="amount_off", amount=5, terms="Once.")

    form = office.get(address(reward, "edit/")).context["form"]

    known = {name: form[name].value() for name in ("name", "amount", "points", "stock", "terms")}
    assert known == {"name": "Mug", "amount": "5.00", "points": 100, "stock": 3, "terms": "Once."}


def test_saving_what_is_known_changes_nothing(shop, office):
    reward = shop.reward(100, name="Mug")

    answer = office.post(address(reward, "edit/"), edited(shop, reward))

    assert (answer.status_code, noted()) == (302, [])


def test_there_cannot_be_fewer_than_were_taken(shop, rich, office):
    reward = shop.reward(100, stock=3)
    take(rich, reward)

    page = office.post(address(reward, "edit/"), edited(shop, reward, points="150", stock="0"))

    reward.refresh_from_db()
    assert list(page.context["form"].errors) == ["stock"]
    assert (reward.points, reward.stock_initial, reward.stock) == (100, 3, 2)


# --- switching -----------------------------------------------------------------------------------


def test_a_reward_is_offered_paused_and_ended_for_good(shop, office):
    reward = shop.reward(100, status="draft")
    seen = []

    for status in ("active", "paused", "active", "ended", "active"):
        page = office.post(address(reward, f"to/{status}/"), follow=True)
        seen.append(page.context["reward"].status)

    assert seen == ["active", "paused", "active", "ended", "ended"]
    assert "What has ended stays ended." in text_of(page)
    assert len(noted()) == 4


def test_there_is_no_state_but_these(shop, office):
    reward = shop.reward(100)

    assert office.post(address(reward, "to/gone/")).status_code == 404
    assert office.get(address(reward, "to/paused/")).status_code == 405


@pytest.mark.proves("case 46")
def test_a_reward_that_ended_leaves_vouchers_as_they_are(shop, rich, office):
    reward = shop.reward(100)
    voucher = take(rich, reward).voucher

    office.post(address(reward, "to/ended/"))

    assert use(voucher).status == "used"


# --- who took it ---------------------------------------------------------------------------------


def test_a_manager_cancels_what_was_not_used(shop, rich, office):
    reward = shop.reward(100, stock=3)
    taken = take(rich, reward)

    page = office.post(
        f"{HOME}redemptions/{taken.public_id}/cancel/", keyed(reason="Wrong size"), follow=True
    )

    taken.refresh_from_db()
    reward.refresh_from_db()
    assert (taken.status, taken.voucher.status, taken.reason) == (
        "canceled",
        "canceled",
        "Wrong size",
    )
    assert (shop.balance(rich), reward.stock) == (1000, 3)
    assert [(row.state, row.reason) for row in page.context["rows"]] == [("canceled", "Wrong size")]


@pytest.mark.parametrize("reason", ["", "\u200b", "x" * 201, "a\0b"])
def test_nothing_is_canceled_without_a_reason(shop, rich, office, reason):
    taken = take(rich, shop.reward(100))

    office.post(f"{HOME}redemptions/{taken.public_id}/cancel/", keyed(reason=reason))

    assert (Redemption.objects.get().status, shop.balance(rich)) == ("issued", 900)


@pytest.mark.proves("R7")
def test_what_was_used_is_not_canceled(shop, rich, office):
    reward = shop.reward(100)
    taken = take(rich, reward)
    use(taken.voucher)
    shown = office.get(address(reward)).context["rows"]

    page = office.post(
        f"{HOME}redemptions/{taken.public_id}/cancel/", keyed(reason="Wrong"), follow=True
    )

    assert [(row.state, row.can_be_canceled) for row in shown] == [("used", False)]
    assert "This voucher was used before." in text_of(page)
    assert (Redemption.objects.get().status, shop.balance(rich)) == ("issued", 900)


def test_nobody_in_the_office_reads_a_whole_code(shop, rich, office):
    reward = shop.reward(100)
    code = take(rich, reward).voucher.code

    pages = [office.get(address(reward)), office.get(f"{HOME}members/{rich.public_id}/rewards/")]

    assert [code[-4:] in page.content.decode() for page in pages] == [True, True]
    assert [code[:8] in page.content.decode() for page in pages] == [False, False]


def test_an_analyst_sees_names_masked_and_changes_nothing(shop, rich):
    reward = shop.reward(100, status="draft")
    Reward.objects.update(status="active")
    taken = take(rich, reward)
    analyst = office_of(shop.organization, Role.ANALYST)

    page = analyst.get(address(reward))
    refused = [
        analyst.get(f"{HOME}rewards/add/"),
        analyst.get(address(reward, "edit/")),
        analyst.post(address(reward, "to/ended/")),
        analyst.post(f"{HOME}redemptions/{taken.public_id}/cancel/", keyed(reason="x")),
    ]

    assert [row.name for row in page.context["rows"]] == ["Mina K."]
    assert "Offer it" not in text_of(page)
    assert [answer.status_code for answer in refused] == [403] * 4
    assert Redemption.objects.get().status == "issued"


@pytest.mark.proves("X1")
def test_another_organizations_rewards_do_not_exist(shop, office):
    other = open_shop("leaf")
    stranger = other.member()
    other.buys(stranger, "100.00")
    reward = other.reward(10)
    taken = take(stranger, reward)

    answers = [
        office.get(address(reward)),
        office.get(address(reward, "edit/")),
        office.post(address(reward, "to/ended/")),
        office.post(f"{HOME}redemptions/{taken.public_id}/cancel/", keyed(reason="x")),
        office.get(f"{HOME}members/{stranger.public_id}/rewards/"),
        office.get(f"/office/leaf/rewards/{reward.public_id}/"),
    ]
    page = office.post(
        f"{HOME}rewards/add/", filled_in(shop) | {"program": other.program.public_id}
    )

    assert [answer.status_code for answer in answers] == [404] * 6
    assert list(page.context["form"].errors) == ["program"]
    assert Reward.objects.get().status == "active"

"""What staff set up, and what members and cashiers read, of rewards that open later."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models.people import Role
from loyalty.errors import ProgramInvalid, RuleInvalid
from loyalty.models import Rule
from loyalty.services.rule_editing import RuleWish, add_rule, schedule_end, set_rule_status
from rewards.models import Opening, Redemption, Reward, Voucher
from rewards.opening_errors import OpensAfterDraw
from rewards.services import openings
from tests.clubs import at, club_of
from tests.draws import closed, opened
from tests.loyalty.program_files import document, dump, load, open_organization
from tests.offices import keyed, office_of
from tests.shelves import take
from tests.tills import open_till, text_of

NOON = datetime(2026, 4, 30, 12, tzinfo=UTC)
OPENS = datetime(2026, 5, 2, 23, tzinfo=UTC)
HOME = "/office/high-street/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def till(shop):
    return open_till(shop)


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def add(office, shop, **told):
    first = {"name": "Treat", "kind": "free_product", "points": "100", "is_for_points": "on"}
    sent = keyed(program=shop.program.public_id, **(first | told))
    return office.post(f"{HOME}rewards/add/", sent)


def errors(answer):
    return {name: str(told[0]) for name, told in answer.context["form"].errors.items()}


def voucher_rule(code, **effect):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "voucher", "reward": code, **effect},
    }


# --- the office ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "told", "kept"),
    [
        ("at once", {"opens": "at_once", "opens_after_days": "3"}, (None, None)),
        ("after days", {"opens": "after_days", "opens_after_days": "3"}, (3, None)),
        (
            "on a date, whatever stands in the other field",
            {"opens": "on", "opens_on": "2026-05-03", "opens_after_days": "3"},
            (None, date(2026, 5, 3)),
        ),
    ],
)
def test_a_reward_opens_as_it_was_chosen(shop, office, why, told, kept):
    add(office, shop, **told)

    reward = Reward.objects.get()
    assert (reward.opens_after_days, reward.opens_on) == kept, why
    page = office.get(f"{HOME}rewards/{reward.public_id}/edit/")
    assert page.context["form"]["opens"].value() == told["opens"]


NOT_TO_COME = "Choose a date that is still to come, in the next five years."


@pytest.mark.parametrize(
    ("told", "errors_told"),
    [
        ({"opens": "after_days"}, {"opens_after_days": "Write something here."}),
        ({"opens": "on"}, {"opens_on": "Write something here."}),
        ({"opens": "on", "opens_on": "2026-04-30"}, {"opens_on": NOT_TO_COME}),
        ({"opens": "on", "opens_on": "2031-05-01"}, {"opens_on": NOT_TO_COME}),
    ],
)
def test_what_cannot_be_meant_stands_beside_its_field(shop, office, told, errors_told):
    assert errors(add(office, shop, **told)) == errors_told
    assert not Reward.objects.exists()


def test_a_reward_whose_date_is_over_can_still_be_changed(shop, office):
    reward = shop.reward(100, opens_on=date(2026, 4, 1))
    told = {"name": "Tea", "kind": "free_product", "points": "90", "is_for_points": "on"}

    answer = office.post(
        f"{HOME}rewards/{reward.public_id}/edit/",
        keyed(**told, opens="on", opens_on="2026-04-01"),
    )

    reward.refresh_from_db()
    assert (answer.status_code, reward.points, reward.opens_on) == (302, 90, date(2026, 4, 1))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"opens": "after_days", "opens_after_days": "8"}, "opens_after_days"),
        ({"opens": "on", "opens_on": "2026-05-08"}, "opens_on"),
    ],
)
def test_tickets_that_open_after_their_draw_are_refused_when_set_up(shop, office, told, field):
    opened(shop, code="spring")  # closes in a week

    answer = add(office, shop, kind="draw_ticket", draw="spring", tickets="1", **told)

    assert errors(answer) == {field: str(OpensAfterDraw.sentence)}


def test_the_office_reads_when_it_opens_and_why_it_did_not(shop, rich, office, clock):
    draw = opened(shop, code="spring")
    details = {"draw": "spring", "tickets": 1}
    reward = shop.reward(100, kind="draw_ticket", details=details, opens_after_days=3)
    take(rich, reward)
    closed(draw)
    before = text_of(office.get(f"{HOME}rewards/{reward.public_id}/"))
    clock.move_to(OPENS)

    openings.open_due()

    owner = office_of(shop.organization, Role.OWNER)
    after = text_of(owner.get(f"{HOME}rewards/{reward.public_id}/"))
    log = text_of(owner.get(f"{HOME}log/"))
    assert "3 days after it is given" in before
    assert "This draw takes no tickets now." in after
    assert "could not be given on its day; it was undone" in log


# --- rules -----------------------------------------------------------------------------------


def test_a_rule_whose_date_is_over_is_refused_by_field(shop):
    reward = shop.reward(80)
    wish = RuleWish(name="Treat", spec=voucher_rule(reward.code, on="2026-04-30"))

    with pytest.raises(RuleInvalid) as refusal:
        add_rule(program_id=shop.program.pk, wish=wish, actor=SYSTEM)

    [fault] = refusal.value.data["errors"]
    assert (fault["field"], fault["code"]) == ("effect.on", "opening_not_to_come")


def test_a_rule_of_tickets_that_open_after_their_draw_is_not_switched_on(shop):
    opened(shop, code="spring")
    details = {"draw": "spring", "tickets": 1}
    reward = shop.reward(80, kind="draw_ticket", details=details)
    wish = RuleWish(name="Luck", spec=voucher_rule(reward.code, after_days=8))
    rule = add_rule(program_id=shop.program.pk, wish=wish, actor=SYSTEM)

    with pytest.raises(OpensAfterDraw):
        set_rule_status(rule_id=rule.pk, status=Rule.Status.ACTIVE, actor=SYSTEM)


def test_a_rule_goes_on_and_ends_after_its_date(shop, member, clock):
    reward = shop.reward(80)
    wish = RuleWish(name="Treat", spec=voucher_rule(reward.code, on="2026-05-03"))
    rule = add_rule(program_id=shop.program.pk, wish=wish, actor=SYSTEM)
    set_rule_status(rule_id=rule.pk, status=Rule.Status.ACTIVE, actor=SYSTEM)
    clock.move_to(OPENS + timedelta(days=9))

    shop.buys(member, "12.00")
    ends_at = timezone.now() + timedelta(days=1)
    schedule_end(rule_id=rule.pk, ends_at=ends_at, actor=SYSTEM)

    assert Redemption.objects.get().opens_at is None
    assert "ends_at" in rule.versions.order_by("number").last().spec


def test_a_file_is_written_down_and_loaded_the_same_whenever_that_is(db, clock):
    organization = open_organization("bean")
    later = {"code": "tea", "name": "Tea", "points": 80, "status": "active"}
    file = document(voucher_rule("tea", count=1, on="2026-05-03")) | {
        "rewards": [
            later | {"opens_after_days": 3},
            later | {"code": "oil", "opens_on": "2026-05-03"},
        ]
    }
    load(organization, file)
    written = dump(organization)
    clock.move_to(OPENS + timedelta(days=90))

    again = load(organization, written)

    assert again == []
    assert [
        (one["code"], one.get("opens_after_days"), one.get("opens_on"))
        for one in written["rewards"]
    ] == [("oil", None, "2026-05-03"), ("tea", 3, None)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"opens_on": "2026-04-01"}, "opens_on", "opening_not_to_come"),
        ({"opens_after_days": 400}, "opens_after_days", "less_than_equal"),
        ({"opens_after_days": 4, "opens_on": "2026-05-03"}, "opens_on", "opens_twice"),
    ],
)
def test_a_file_that_cannot_be_meant_names_its_field(shop, changed, field, code):
    reward = {"code": "tea", "name": "Tea", "points": 80, **changed}

    with pytest.raises(ProgramInvalid) as refusal:
        load(shop.organization, document() | {"rewards": [reward]})

    [fault] = refusal.value.data["errors"]
    assert (fault["field"], fault["code"]) == (f"rewards.0.{field}", code)


# --- members ---------------------------------------------------------------------------------


def test_members_read_from_when_on_they_can_use_it(shop, rich, clock):
    reward = shop.reward(100, opens_after_days=3)
    club, taken = club_of(rich), take(rich, reward)
    voucher = f"vouchers/{taken.public_id}/"

    listed = text_of(club.get(at(shop.organization, "rewards/")))
    shown = text_of(club.get(at(shop.organization, voucher)))
    offered = text_of(club.get(at(shop.organization, f"rewards/{reward.public_id}/")))
    clock.move_to(OPENS)
    then = text_of(club_of(rich).get(at(shop.organization, voucher)))

    told = "You can use it from May 3"
    assert told in listed
    assert told in shown
    assert "Can be used 3 days after it is given" in offered
    assert told not in then


def test_members_read_why_it_could_not_be_given(shop, rich, clock):
    draw = opened(shop, code="spring")
    details = {"draw": "spring", "tickets": 1}
    taken = take(rich, shop.reward(100, kind="draw_ticket", details=details, opens_after_days=3))
    closed(draw)
    clock.move_to(OPENS)
    openings.open_due()

    text = text_of(club_of(rich).get(at(shop.organization, f"vouchers/{taken.public_id}/")))

    assert "It could not be given on its day: This draw takes no tickets now." in text
    assert Opening.objects.get().status == "failed"


# --- the till --------------------------------------------------------------------------------


def hand_over(till, member, reward):
    sent = {
        "member": member.public_id,
        "reward": reward.public_id,
        "points": reward.points,
        "request_key": uuid4().hex,
    }
    return till.client.post("/till/rewards/", sent, follow=True)


def test_a_till_hands_nothing_over_that_opens_later(shop, rich, till):
    reward = shop.reward(200, name="Coffee", opens_after_days=3)

    offered = text_of(till.client.get("/till/", {"member": rich.public_id}))
    answer = hand_over(till, rich, reward)

    told = "It can be used from May 3 on. Hand nothing over now."
    assert told in offered
    assert told in text_of(answer)
    assert (Voucher.objects.get().status, shop.balance(rich)) == ("issued", 800)


def test_who_took_it_for_later_can_take_it_back_at_once(shop, rich, till):
    answer = hand_over(till, rich, shop.reward(200, opens_after_days=3))
    undo = answer.context["undo"]

    till.client.post(undo["url"], {"request_key": undo["key"]})

    assert (Voucher.objects.get().status, shop.balance(rich)) == ("canceled", 1000)


def test_a_till_says_from_when_on_a_voucher_can_be_used(shop, rich, till):
    taken = take(rich, shop.reward(200, opens_after_days=3))

    text = text_of(till.find(taken.voucher.code))

    assert "This voucher can be used from May 3 on. Hand nothing over now." in text

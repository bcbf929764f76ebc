import pytest

from core.models.people import Role
from loyalty.models import LadderVersion, Program, Rule
from rewards.models import Benefit, Reward
from rewards.starting.examples import EXAMPLES
from tests.offices import keyed, office_of
from tests.tills import text_of

ABOUT = {"name": "Bean Club", "goal": "member_sales", "target": "60"}
EARNING = {
    "gives_points": "on",
    "points": "2",
    "per": "1",
    "point_value": "0.01",
    "lasts_months": "12",
}
REWARD = {"has_reward": "on", "name": "A cake", "points": "150"}


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def at(shop):
    return lambda step="": f"/office/{shop.organization.slug}/program/start/{step}"


@pytest.fixture
def begun(office, at):
    """The office of a manager who said that the shop is a grocery."""
    office.post(at(), {"kind": "grocery"})
    return office


def answer(office, at, **steps):
    for name, typed in steps.items():
        assert office.post(at(f"{name}/"), typed).status_code == 302


def look(office, at):
    return office.get(at("look/"))


def test_a_newcomer_has_a_running_program_after_five_answers_and_a_look(shop, begun, at):
    Program.objects.update(status=Program.Status.DRAFT)

    answer(begun, at, about=ABOUT, earning=EARNING, tiers={}, stamps={}, reward=REWARD)
    done = begun.post(at("look/"), keyed(then="open"), follow=True)

    assert "Your program runs" in text_of(done)
    program = Program.objects.get()
    assert (program.name, program.status) == ("Bean Club", "live")
    assert program.terms.goal.target == 60
    assert Reward.objects.get().name == "A cake"


def test_the_program_that_was_set_up_gives_what_was_promised(shop, member, begun, at):
    Rule.objects.update(status=Rule.Status.PAUSED)
    answer(begun, at, about=ABOUT, earning=EARNING, tiers={}, stamps={}, reward=REWARD)
    begun.post(at("look/"), keyed(then="open"))

    assert shop.buys(member, "10.00").points == 20


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_example_can_be_begun_as_it_is(shop, office, at, kind):
    office.post(at(), {"kind": kind})

    done = office.post(at("look/"), keyed(then="open"), follow=True)

    assert "Your program runs" in text_of(done)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_the_look_changes_nothing(shop, office, at, kind):
    before = Rule.objects.count(), Reward.objects.count(), Program.objects.get().name
    office.post(at(), {"kind": kind})

    page = look(office, at)

    assert "This is what members will read" in text_of(page)
    assert "does not fit" not in text_of(page)
    assert (Rule.objects.count(), Reward.objects.count(), Program.objects.get().name) == before


def test_a_draft_stays_one_until_it_is_opened(shop, begun, at):
    Program.objects.update(status=Program.Status.DRAFT)

    begun.post(at("look/"), keyed(then="draft"))

    assert Program.objects.get().status == "draft"


def test_the_words_follow_what_is_typed_and_nothing_is_kept(begun, at):
    words = begun.post(at("earning/words/"), EARNING | {"points": "7"})

    assert "7 points per" in text_of(words)
    assert "Members get back 7%" in text_of(words)
    assert "7 points per" not in text_of(look(begun, at))


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("about", ABOUT | {"name": ""}, "This field is required"),
        ("about", ABOUT | {"target": ""}, "Say how much, or choose no goal."),
        ("about", ABOUT | {"target": "140"}, "100 at most"),
        ("earning", EARNING | {"points": "-3"}, "This must be at least 1."),
        ("tiers", {"has_tiers": "on"}, "Name a tier"),
        (
            "tiers",
            {
                "has_tiers": "on",
                "name_1": "Gold",
                "threshold_1": "500",
                "name_2": "Silver",
                "threshold_2": "100",
            },
            "begin above the one before",
        ),
        ("stamps", {"has_stamps": "on", "size": "9", "per": "unit", "gift": "A"}, "This is needed"),
        ("stamps", {"has_stamps": "on", "size": "9", "per": "purchase"}, "Say what a full card"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_beside_its_field(begun, at, step, typed, said):
    page = begun.post(at(f"{step}/"), typed)

    assert page.status_code == 200
    assert said in text_of(page)


def test_who_never_began_is_led_to_the_beginning(office, at):
    assert office.get(at("stamps/")).headers["Location"].endswith("/start/")


def test_an_analyst_sets_nothing_up(shop, at):
    assert office_of(shop.organization, Role.ANALYST).get(at()).status_code == 403


def test_a_second_press_of_the_button_begins_nothing_twice(shop, begun, at):
    form = keyed(then="open")
    begun.post(at("look/"), form)
    begun.post(at(), {"kind": "grocery"})

    begun.post(at("look/"), form)

    assert Reward.objects.filter(program=shop.program).count() == 1


def test_a_shop_may_begin_with_discounts_by_tier(shop, office, at):
    office.post(at(), {"kind": "discount"})
    said = text_of(look(office, at))
    office.post(at("look/"), keyed(then="open"))

    assert "members are Silver: 5% off" in said or "5% off every purchase" in said
    tiers = LadderVersion.objects.latest("number").spec["tiers"]
    assert [tier["benefits"]["percent_off"] for tier in tiers] == ["3", "5", "10"]


def test_a_shop_may_begin_with_a_discount_that_grows(shop, office, at):
    office.post(at(), {"kind": "scale"})
    office.post(at("look/"), keyed(then="open"))

    benefit = Benefit.objects.get()
    assert benefit.status == "active"
    assert benefit.versions.get().spec["effect"]["steps"][0] == {"spent": "100", "percent": "3"}
    assert not LadderVersion.objects.exists()


def test_a_discount_that_grows_takes_more_off_at_each_step(begun, at):
    typed = {"has_tiers": "on", "is_scale": "on", "name_1": "One", "threshold_1": "100"}

    page = begun.post(at("tiers/"), typed)

    assert "Let each step take more off than the one before." in text_of(page)

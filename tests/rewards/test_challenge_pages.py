"""Challenges on screen: in the portal, at the till and in the office."""

import pytest
from django.utils import timezone

from core.models.people import Role
from loyalty.models import Challenge, ChallengeRun
from loyalty.services.habits import refresh_chunk
from tests.challenges import HUNDRED, challenge, runs
from tests.clubs import at, club_of
from tests.offices import keyed, office_of
from tests.shops import days_ago
from tests.tills import text_of

FORM = {
    "step": "save",
    "seen": "0",
    "name": "Five visits",
    "target": "visits",
    "target__visits__number": "5",
    "period": "each",
    "period__each__unit": "month",
    "joining": "automatic",
    "returns": "undo",
    "points": "50",
    "badge": "Regular",
}


@pytest.fixture
def club(member):
    return club_of(member)


@pytest.fixture
def office(shop):
    return office_of(shop.organization)


def program(shop, name=""):
    return f"/office/{shop.organization.slug}/program/challenges/{name}"


def read(browser, url):
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer


# --- portal -----------------------------------------------------------------------------------


def test_a_member_sees_how_far_they_are_and_what_for(club, shop, member):
    challenge(shop)
    shop.buys(member, "5.00")

    home = text_of(read(club, at(shop.organization)))
    page = text_of(read(club, at(shop.organization, "challenges/")))

    for text in (home, page):
        assert "1 of 3 · 3 visits" in text
        assert "100 points and the badge Early bird" in text
        assert "left, until" in text or "Ends today" in text


def test_a_member_joins_with_one_button_and_once(club, shop, member):
    what = challenge(shop, code="joined", joining="opt_in")
    url = at(shop.organization, f"challenges/{what.public_id}/join/")
    sent = keyed()

    answers = [club.post(url, sent) for _click in range(2)]
    page = text_of(read(club, at(shop.organization, "challenges/")))

    assert [one.status_code for one in answers] == [302, 302]
    assert ChallengeRun.objects.count() == 1
    assert "0 of 3" in page
    assert "Join" not in page


def test_what_cannot_be_joined_says_why(club, shop):
    what = challenge(shop, joining="opt_in", status="ended")
    url = at(shop.organization, f"challenges/{what.public_id}/join/")

    page = text_of(club.post(url, keyed(), follow=True))

    assert "This challenge is over." in page
    assert ChallengeRun.objects.count() == 0


def test_a_challenge_of_another_shop_does_not_exist(club, shop):
    url = at(shop.organization, "challenges/6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10/join/")

    assert club.post(url, keyed()).status_code == 404


def test_levels_badges_and_completed_challenges_have_a_page(club, shop, member):
    steps = [{"name": "Explorer", "needed": 1}, {"name": "Hero", "needed": 3}]
    shop.settle(levels={"counts": "challenges", "steps": steps})
    challenge(shop)
    before = text_of(read(club, at(shop.organization, "achievements/")))
    for _visit in range(3):
        shop.buys(member, "5.00")

    after = text_of(read(club, at(shop.organization, "achievements/")))

    assert "No level yet 0 completed challenges · 1 more to Explorer" in before
    assert "No badges yet" in before
    assert "Explorer 1 completed challenge · 2 more to Hero" in after
    assert "Early bird" in after
    assert "Completed challenges three" in after


def test_a_row_of_weeks_that_was_broken_begins_anew_on_screen(club, shop, member):
    fixed = {"type": "fixed", "from": "2000-01-01", "until": "2099-12-31"}
    challenge(shop, target={"type": "week_streak", "weeks": 4}, period=fixed)
    shop.buys(member, "5.00", at=days_ago(28))
    shop.buys(member, "5.00", at=days_ago(21))

    page = text_of(read(club, at(shop.organization, "challenges/")))

    assert runs(shop, member) == [("three", 2, False)]
    assert "0 of 4" in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_a_fixed_number_of_questions(
    club, shop, member, count, django_assert_num_queries
):
    for number in range(count):
        challenge(shop, code=f"c{number}", gifts=[HUNDRED])
    shop.buys(member, "5.00")
    url = at(shop.organization, "challenges/")
    read(club, url)

    with django_assert_num_queries(5):
        read(club, url)


# --- till -------------------------------------------------------------------------------------


def test_the_cashier_has_one_sentence_when_one_step_is_missing(till, shop, member):
    challenge(shop)
    shop.buys(member, "5.00")
    early = text_of(till.find("07400 123456"))
    shop.buys(member, "5.00")

    near = text_of(till.find("07400 123456"))

    assert "One step more" not in early
    assert "One step more completes “three”" in near


def test_the_cashier_lets_a_member_join(till, shop, member):
    what = challenge(shop, joining="opt_in")
    assert "Challenges to join" in text_of(till.find("07400 123456"))

    sent = keyed(member=member.public_id)
    page = till.client.post(f"/till/challenges/{what.public_id}/join/", sent, follow=True)

    assert "They take part in “three” now." in text_of(page)
    assert runs(shop, member) == [("three", 0, False)]


# --- office -----------------------------------------------------------------------------------


def test_a_challenge_is_written_started_paused_and_ended(office, shop, member):
    saved = office.post(program(shop, "new/"), keyed(**FORM))
    made = Challenge.objects.get()
    page = program(shop, f"{made.public_id}/")
    draft = text_of(read(office, page))
    office.post(f"{page}active/", keyed())
    running = text_of(read(office, page))
    office.post(f"{page}paused/", keyed())
    office.post(f"{page}ended/", keyed())
    ended = text_of(read(office, page))

    assert saved.status_code == 302
    assert made.versions.earliest("number").spec == {
        "target": {"type": "visits", "number": 5, "once_a_day": False},
        "period": {"type": "each", "unit": "month"},
        "conditions": [],
        "joining": "automatic",
        "gifts": [{"type": "points", "points": 50}, {"type": "badge", "badge": "Regular"}],
        "returns": "undo",
    }
    assert "5 visits, in each month: 50 points and the badge Regular" in draft
    assert "Start this challenge?" in draft
    assert "Pause this challenge?" in running
    assert "Start" not in ended


def test_the_editor_shows_what_members_will_see_as_it_is_written(office, shop):
    office.get(program(shop, "new/"))

    preview = text_of(office.post(program(shop, "preview/"), FORM))
    broken = text_of(office.post(program(shop, "preview/"), {**FORM, "target__visits__number": ""}))
    whole = text_of(office.post(program(shop, "new/"), keyed(**{**FORM, "step": "look"})))

    for text in (preview, whole):
        assert "3 of 5 · 5 visits" in text
    assert "Say what is to be reached and when" in broken
    assert Challenge.objects.count() == 0


def test_a_fault_stands_beside_its_field(office, shop):
    wrong = {**FORM, "period": "after_joining", "period__after_joining__days": "7"}
    nothing = {**FORM, "target__visits__number": ""}

    joining = text_of(office.post(program(shop, "new/"), keyed(**wrong)))
    number = office.post(program(shop, "new/"), keyed(**nothing))

    assert "What runs from joining on can only begin by being joined." in joining
    assert number.context["form"]["target__visits__number"].errors == ["This is needed."]
    assert Challenge.objects.count() == 0


def test_a_running_challenge_gets_a_new_version_with_its_conditions_kept(office, shop):
    made = challenge(shop, conditions=[{"type": "category", "categories": ["Coffee"]}])
    url = program(shop, f"{made.public_id}/edit/")
    form = read(office, url).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}

    answer = office.post(url, {**sent, "step": "save", "points": "70"})

    assert answer.status_code == 302
    [_first, second] = made.versions.order_by("number")
    assert second.spec["conditions"][0]["categories"] == ["Coffee"]
    assert [gift.get("points") for gift in second.spec["gifts"]] == [70, None]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(office, shop, count, django_assert_num_queries):
    for number in range(count):
        challenge(shop, code=f"c{number}")
    read(office, program(shop))

    with django_assert_num_queries(9):
        text = text_of(read(office, program(shop)))

    assert "3 visits, in each month" in text


def test_levels_are_named_and_taken_away(office, shop):
    url = program(shop, "levels/")
    rows = {"counts": "badges", "name_0": "Explorer", "needed_0": "1", "name_1": "Hero"}

    broken = text_of(office.post(url, keyed(**rows)))
    office.post(url, keyed(**rows, needed_1="5"))
    shop.program.refresh_from_db()
    named = shop.program.terms.levels
    office.post(url, keyed(counts="badges"))
    shop.program.refresh_from_db()

    assert "This is needed." in broken
    assert [(one.name, one.needed) for one in named.steps] == [("Explorer", 1), ("Hero", 5)]
    assert shop.program.terms.levels is None


def test_the_office_lets_a_member_join_and_the_log_tells(office, shop, member):
    what = challenge(shop, joining="opt_in")
    url = f"/office/{shop.organization.slug}/members/{member.public_id}/challenges/"

    page = text_of(office.post(url, keyed(challenge=what.public_id), follow=True))
    log = text_of(read(office, f"/office/{shop.organization.slug}/log/"))

    assert "They take part in “three” now." in page
    assert "take part in a challenge" in log


def test_an_analyst_reads_and_changes_nothing(shop):
    analyst = office_of(shop.organization, Role.ANALYST)
    made = challenge(shop)

    assert "New challenge" not in text_of(read(analyst, program(shop)))
    assert "Pause" not in text_of(read(analyst, program(shop, f"{made.public_id}/")))
    assert analyst.post(program(shop, "new/"), keyed(**FORM)).status_code == 403


def test_the_office_sees_how_a_member_shops(office, shop, member):
    for ago in (30, 20, 10):
        shop.buys(member, "5.00", at=days_ago(ago))
    url = f"/office/{shop.organization.slug}/members/{member.public_id}/"
    before = text_of(read(office, url))
    refresh_chunk(organization_id=shop.organization.pk, day=timezone.localdate())

    after = text_of(read(office, url))

    assert "How they shop" not in before
    assert "Comes about every 10 days. The last visit was 10 days ago." in after
    assert "3 visits, £15.00" in after


def test_shop_systems_read_challenges_beside_the_rules(api, shop):
    challenge(shop)
    challenge(shop, code="draft", status="draft")

    answer = api("GET", "program/").json()

    [told] = answer["challenges"]
    assert told["text"] == "3 visits, in each month: 100 points and the badge Early bird"
    assert told["code"] == "three"
    assert told["spec"]["target"] == {"type": "visits", "number": 3, "once_a_day": False}

from urllib.parse import unquote

import pytest

from core.actors import SYSTEM
from members.birthdays import Birthday
from members.card_images import bars, qr_code
from members.models import Consent
from members.services.blocking import block_member
from tests.clubs import at, club_of
from tests.offices import keyed
from tests.tills import text_of

MINE = {"name": "Ada King", "birth_day": "۱۰", "birth_month": "12", "birth_year": "1815"}


@pytest.fixture
def club(ada):
    """The browser of Ada, who came in by a code."""
    return club_of(ada)


def test_members_see_what_the_club_knows_of_them(club, organization, ada):
    text = text_of(club.get(at(organization, "me/")))

    for known in ("Ada Lovelace", "+44 7400 123456", "Ada@Example.org", "not told"):
        assert known in text


def test_members_change_name_birthday_and_language(club, organization, ada):
    answer = club.post(
        at(organization, "me/edit/"), keyed(**{**MINE, "birth_year": "", "language": "fi"})
    )

    assert answer.url == at(organization, "me/")
    ada.refresh_from_db()
    assert (ada.name, ada.birthday, ada.language) == ("Ada King", Birthday(12, 10), "fi")
    assert 'lang="fi"' in club.get(at(organization, "me/")).content.decode()


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("no such day", {"birth_day": "31", "birth_month": "2"}),
        ("a day without a month", {"birth_month": ""}),
        ("a year alone", {"birth_day": "", "birth_month": "", "birth_year": "1990"}),
        ("to come", {"birth_year": "2999"}),
        ("no number", {"birth_day": "x"}),
        ("an unknown language", {"language": "xx"}),
        ("a name that shows nothing", {"name": "\u200b\u200b"}),
        ("NUL", {"name": "A\0"}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(club, organization, ada, why, typed):
    answer = club.post(at(organization, "me/edit/"), keyed(**{**MINE, "birth_year": ""} | typed))

    assert answer.status_code == 200
    assert answer.context["form"].errors
    ada.refresh_from_db()
    assert (ada.name, ada.birthday) == ("Ada Lovelace", None)


def test_phone_and_email_cannot_be_changed_by_the_way(club, organization, ada):
    sent = keyed(**MINE, phone="+447400999999", email="eve@example.org")

    club.post(at(organization, "me/edit/"), sent)

    ada.refresh_from_db()
    assert (ada.phone, ada.email) == ("+447400123456", "Ada@Example.org")


def test_each_change_of_mind_is_one_more_line_of_the_log(club, organization, ada):
    yes, no = keyed(email="on"), keyed()
    for sent in (yes, yes, keyed(email="on"), no):
        assert club.post(at(organization, "me/consents/"), sent).status_code == 302

    log = Consent.objects.order_by("pk").values_list("channel", "purpose", "granted", "source")
    assert list(log) == [
        ("email", "marketing", True, "portal"),
        ("email", "marketing", False, "portal"),
    ]
    assert set(Consent.objects.values_list("by", flat=True)) == {f"member:{ada.pk}"}


def test_a_blocked_member_may_still_say_no(club, organization, ada):
    block_member(member_id=ada.pk, actor=SYSTEM, reason="")

    assert club.post(at(organization, "me/consents/"), keyed(sms="on")).status_code == 302
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_same_number_of_questions(
    club, organization, count, django_assert_num_queries
):
    for _time in range(count):
        club.post(at(organization, "me/consents/"), keyed(email="on", sms="on"))
        club.post(at(organization, "me/consents/"), keyed())

    with django_assert_num_queries(4):
        club.get(at(organization, "me/"))


def test_a_card_is_drawn_dark_on_light_without_style_or_script():
    for image in (qr_code("2912345678904"), bars("2912345678904")):
        drawn = unquote(image)
        assert drawn.startswith("data:image/svg+xml")
        assert "style" not in drawn
        assert "script" not in drawn


def test_bars_begin_and_end_as_code_128_does():
    drawn = unquote(bars("2912345678904"))
    dark = {int(part.split(" ")[0]) - 10 for part in drawn.split('d="M')[1].split("M")}
    width = max(dark) + 1

    modules = "".join("1" if at in dark else "0" for at in range(width))
    assert modules.startswith("11010011100")  # start of digits in pairs
    assert modules.endswith("1100011101011")  # stop

import pytest
import time_machine
from django.test import Client

from core.models import Staff
from core.models.people import Role
from members.models import Member
from members.services.enrollment import enroll
from tests.clubs import at, club_of
from tests.offices import PASSWORD, office_of

PAGES = ["", "activity/", "rewards/", "me/", "me/edit/"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_the_sign_in_of_the_club_and_back(organization, client, page):
    answer = client.get(at(organization, page))

    assert answer.status_code == 302
    assert answer.url == (
        f"{at(organization, 'sign-in/')}?next={at(organization, page).replace('/', '%2F')}"
    )


@pytest.mark.parametrize("page", [*PAGES, "sign-in/", "sign-in/code/", "manifest.webmanifest"])
def test_a_club_that_does_not_exist_has_no_pages(db, client, page):
    assert client.get(f"/club/nowhere/{page}").status_code == 404


@pytest.mark.proves("X1")
@pytest.mark.parametrize("page", PAGES)
def test_a_session_of_the_office_opens_no_members_page(organization, page):
    office = office_of(organization, Role.OWNER)
    staff = Staff.objects.get(organization=organization)
    enroll(organization_id=organization.pk, source="till", phone="+447400123456")
    Member.objects.update(user=staff.user)

    assert office.get(at(organization, page)).url.startswith(at(organization, "sign-in/"))


@pytest.mark.proves("X1")
def test_a_session_that_a_code_opened_does_not_open_the_office(organization, ada):
    member = club_of(ada)
    ada.refresh_from_db()

    assert member.get("/office/").status_code == 403
    assert member.get(f"/office/{organization.slug}/stores/").status_code == 404


@pytest.mark.proves("X1")
def test_nor_does_it_for_an_owner_who_is_a_member_too(organization, ada):
    office_of(organization, Role.OWNER, email="owner@example.org")
    owner = Staff.objects.get(organization=organization)
    Member.objects.filter(pk=ada.pk).update(user=owner.user)
    ada.refresh_from_db()
    browser = club_of(ada)

    asked = browser.get(f"/office/{organization.slug}/stores/")
    assert asked.url.startswith("/accounts/reauthenticate/")

    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert browser.get(f"/office/{organization.slug}/stores/").status_code == 200
    assert browser.get(at(organization, "me/")).status_code == 200


def test_a_member_of_one_club_does_not_exist_in_another(organization, stranger, ada):
    client = club_of(ada)

    assert client.get(at(stranger, "me/")).url.startswith(at(stranger, "sign-in/"))


@pytest.mark.parametrize(("days", "answer"), [(29, 200), (31, 302)])
def test_a_session_left_alone_for_a_month_is_over(organization, ada, days, answer):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        client = club_of(ada)
        clock.shift(days * 24 * 60 * 60)

        assert client.get(at(organization, "me/")).status_code == answer


def test_a_session_in_use_lasts_longer_than_a_month_and_not_for_ever(organization, ada):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as clock:
        client = club_of(ada)
        answers = []
        for _visit in range(5):
            clock.shift(20 * 24 * 60 * 60)
            answers.append(client.get(at(organization, "me/")).status_code)

        assert answers == [200, 200, 200, 200, 302]


def test_who_was_merged_away_is_told_and_signs_in_again(organization, ada):
    client = club_of(ada)
    other = enroll(organization_id=organization.pk, source="till", phone="+447400777777").member
    Member.objects.filter(pk=ada.pk).update(status="merged", merged_into=other)

    page = client.get(at(organization, "me/"), follow=True)

    assert "has ended, or was joined with another one" in page.content.decode()
    assert page.redirect_chain[0][0].startswith(at(organization, "sign-in/"))


def test_an_erased_member_is_a_stranger(organization, ada):
    client = club_of(ada)
    Member.objects.filter(pk=ada.pk).update(
        status="erased", phone=None, email=None, email_key=None, name="", user=None
    )

    assert client.get(at(organization, "me/")).status_code == 302


def test_pages_speak_the_members_language_unless_the_browser_chose(organization, join):
    member = join(phone="+447400555555", language="fa").member
    client = club_of(member)

    assert 'lang="fa"' in client.get(at(organization, "me/")).content.decode()

    client.post("/appearance/language/", {"language": "en"})
    page = client.get(at(organization, "me/"))
    assert 'lang="en"' in page.content.decode()
    assert page.headers["Content-Language"] == "en"


def test_pages_are_not_kept_by_anybody(organization, ada):
    answer = club_of(ada).get(at(organization, "me/"))

    assert answer.headers["Cache-Control"] == "no-store"


def test_a_phone_learns_how_to_install_the_club(organization):
    told = Client().get(at(organization, "manifest.webmanifest"))

    assert told.headers["Content-Type"] == "application/manifest+json"
    assert told.json()["start_url"] == at(organization)
    assert told.json()["name"] == organization.name

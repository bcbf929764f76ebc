"""What a member did besides buying, as the office lists and notes it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models.people import Role
from loyalty.models import Activity
from tests.offices import office_of
from tests.tills import text_of

REVIEW = {
    "trigger": {"type": "activity", "kind": "review"},
    "effect": {"type": "fixed_points", "points": 25},
}


def address(shop, member, page=""):
    return f"/office/{shop.organization.slug}/members/{member.public_id}/activities/{page}"


def test_a_manager_notes_a_review_and_its_points_come_at_once(shop, member):
    shop.add_rule(REVIEW)
    office = office_of(shop.organization, Role.MANAGER)
    typed = {"kind": "review", "note": "Five stars", "request_key": "k" * 16}

    first = office.post(address(shop, member, "note/"), typed)
    again = office.post(address(shop, member, "note/"), typed)
    page = office.get(address(shop, member))

    done = Activity.objects.get(kind="review")
    assert (first.status_code, again.status_code) == (302, 302)
    assert (done.data, done.source) == ({"note": "Five stars"}, "office")
    assert done.actor.startswith("staff:")
    assert shop.balance(member) == 25
    assert "Five stars" in text_of(page)
    assert "25 points for a review" in text_of(page)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "birthday"},
        {"kind": "custom"},
        {"kind": "review", "name": "mine"},
        {"kind": "review", "at": "2999-01-01T10:00"},
        {"kind": "review", "at": "2001-01-01T10:00"},
    ],
)
def test_what_cannot_be_is_said_beside_its_field(shop, member, change):
    office = office_of(shop.organization, Role.MANAGER)

    page = office.post(address(shop, member, "note/"), {"request_key": "k" * 16, **change})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Activity.objects.exclude(kind="joined").exists()


def test_an_analyst_reads_and_notes_nothing(shop, member):
    office = office_of(shop.organization, Role.ANALYST)

    page = office.get(address(shop, member))
    form = office.get(address(shop, member, "note/"))

    assert "Joined" in text_of(page)
    assert form.status_code == 403


def test_the_list_asks_as_much_for_one_review_as_for_three(shop, member, django_assert_num_queries):
    shop.add_rule(REVIEW)
    office = office_of(shop.organization, Role.OWNER)
    reviews = [{"kind": "review", "request_key": f"{number}" * 16} for number in range(3)]
    office.post(address(shop, member, "note/"), reviews[0])
    office.get(address(shop, member))
    with CaptureQueriesContext(connection) as one:
        office.get(address(shop, member))
    asked = len(one)
    for review in reviews[1:]:
        office.post(address(shop, member, "note/"), review)
    office.get(address(shop, member))

    with django_assert_num_queries(asked):
        office.get(address(shop, member))

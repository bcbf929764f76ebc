"""The office's pages of groups."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.actors import SYSTEM
from core.models.people import Role
from members.models import Group, GroupMember
from members.services.groups import create_group, join_group
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

GROUPS = "/office/high-street/members/groups/"


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def manager(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def staff(shop):
    return create_group(
        organization_id=shop.organization.pk, name="Staff", code="staff", actor=SYSTEM
    )


def page_of(group):
    return f"{GROUPS}{group.public_id}/"


def inside(group):
    return GroupMember.objects.filter(group=group, left_at=None).count()


def listed(*rows):
    return SimpleUploadedFile("list.csv", "\n".join(rows).encode(), "text/csv")


def test_a_group_is_made_once_and_shown(manager):
    form = keyed(name="Friends", code="")

    answers = [manager.post(f"{GROUPS}add/", form).url for _ in range(2)]

    group = Group.objects.get()
    assert answers == [page_of(group)] * 2
    assert "Nobody is in this group yet" in text_of(manager.get(page_of(group)))
    assert "Friends" in text_of(manager.get(GROUPS))


def test_one_member_is_added_by_phone_and_taken_out(manager, shop, staff):
    member = shop.member(name="Mina Karimi")

    added = manager.post(f"{page_of(staff)}join/", keyed(find="07400 123456"), follow=True)
    seen = text_of(manager.get(f"/office/high-street/members/{member.public_id}/details/"))
    gone = manager.post(f"{page_of(staff)}leave/{member.public_id}/", follow=True)

    assert "Mina Karimi" in text_of(added)
    assert "Staff" in seen
    assert "Nobody is in this group yet" in text_of(gone)


def test_nobody_of_that_number_is_said_beside_the_field(manager, staff):
    page = manager.post(f"{page_of(staff)}join/", keyed(find="07400 123456"))

    assert page.context["join_form"].errors["find"] == ["There is no such member."]
    assert inside(staff) == 0


def test_a_list_adds_whom_it_means_and_names_the_other_lines(manager, shop, staff):
    shop.member()
    shop.member("+447400123457")
    rows = ["phone", "07400123456", "07400123457", "07400123499", "x1"]

    page = manager.post(f"{page_of(staff)}file/", keyed(file=listed(*rows)))
    again = manager.post(f"{page_of(staff)}file/", keyed(file=listed(*rows[:3])))

    assert [(row.number, row.text) for row in page.context["bad"]] == [
        (4, "07400123499"),
        (5, "x1"),
    ]
    assert (inside(staff), again.status_code) == (2, 302)


def test_a_file_that_is_no_list_is_refused(manager, staff):
    broken = SimpleUploadedFile("list.csv", b"\xff\xfe\x00")

    page = manager.post(f"{page_of(staff)}file/", keyed(file=broken))

    assert list(page.context["file_form"].errors) == ["file"]
    assert inside(staff) == 0


def test_a_member_is_put_into_a_group_from_their_page(manager, shop, staff):
    member = shop.member()
    url = f"/office/high-street/members/{member.public_id}/groups/"

    answer = manager.post(url, keyed(group="staff"))

    assert answer.url.endswith("/details/")
    assert inside(staff) == 1


def test_a_group_is_renamed(manager, staff):
    manager.post(f"{page_of(staff)}edit/", keyed(name="Crew"))

    assert Group.objects.get().name == "Crew"


def test_analysts_read_masked_names_and_change_nothing(shop, staff):
    member = shop.member(name="Mina Karimi")
    join_group(group_id=staff.pk, member_ids=[member.pk], actor=SYSTEM)
    analyst = office_of(shop.organization, Role.ANALYST)

    page = text_of(analyst.get(page_of(staff)))
    answers = [
        analyst.get(f"{GROUPS}add/").status_code,
        analyst.post(f"{page_of(staff)}join/", keyed(find="07400123456")).status_code,
        analyst.post(f"{page_of(staff)}leave/{member.public_id}/").status_code,
    ]

    assert ("Karimi" in page, "Mina" in page) == (False, True)
    assert answers == [403] * 3
    assert inside(staff) == 1


def test_a_group_of_another_organization_does_not_exist(manager):
    other = open_shop("elsewhere")
    group = create_group(organization_id=other.organization.pk, name="A", code="aa", actor=SYSTEM)

    assert manager.get(page_of(group)).status_code == 404
    assert manager.post(f"{page_of(group)}join/", keyed(find="07400123456")).status_code == 404


@pytest.mark.parametrize("people", [1, 3])
def test_the_pages_of_groups_ask_a_fixed_number_of_questions(
    manager, shop, staff, people, django_assert_num_queries
):
    members = [shop.member(f"+44740012345{place}") for place in range(people)]
    join_group(group_id=staff.pk, member_ids=[one.pk for one in members], actor=SYSTEM)
    for place in range(people - 1):
        create_group(organization_id=shop.organization.pk, name=f"G{place}", code="", actor=SYSTEM)
    manager.get(GROUPS)

    with django_assert_num_queries(4):
        manager.get(GROUPS)
    with django_assert_num_queries(5):
        manager.get(page_of(staff))

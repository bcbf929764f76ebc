"""Groups: joined and left with their history, found by what rows of a file say."""

import pytest

from core.actors import SYSTEM
from core.errors import CodeTaken, NameMissing, SlugInvalid
from core.models import AuditRecord
from loyalty.services.member_merges import merge_members
from members.errors import GroupFileUnreadable
from members.group_files import ROWS_MAX, SignRow, read_signs
from members.models import Group, GroupMember
from members.queries import card_number, groups_with, groups_with_size, people_in
from members.services.groups import (
    create_group,
    join_group,
    leave_group,
    recognize,
    rename_group,
)
from tests.shops import open_shop


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def group(shop):
    return make_group(shop)


def make_group(shop, name="Staff", code=""):
    return create_group(organization_id=shop.organization.pk, name=name, code=code, actor=SYSTEM)


def joins(group, *members):
    return join_group(group_id=group.pk, member_ids=[one.pk for one in members], actor=SYSTEM)


def leaves(group, *members):
    return leave_group(group_id=group.pk, member_ids=[one.pk for one in members], actor=SYSTEM)


def verbs():
    """What was done with groups after they were made."""
    done = AuditRecord.objects.exclude(verb__in=["added", "enrolled"]).order_by("pk")
    return list(done.values_list("subject", "verb"))


def test_a_group_gets_a_code_like_its_name_that_is_not_taken(shop):
    made = [
        make_group(shop, name) for name in ("Friends of the shop", "Friends of the shop", "دوستان")
    ]

    assert [one.code for one in made] == [
        "friends-of-the-shop",
        "friends-of-the-shop-2",
        "group",
    ]


@pytest.mark.parametrize(
    ("name", "code", "refusal"),
    [(" ", "", NameMissing), ("Staff", "staff", CodeTaken), ("Else", "No Code", SlugInvalid)],
)
def test_a_group_without_a_name_or_with_a_code_of_another_is_refused(
    shop, group, name, code, refusal
):
    with pytest.raises(refusal):
        make_group(shop, name, code)

    assert Group.objects.count() == 1


def test_joining_and_leaving_twice_changes_nothing_and_the_past_stays(shop, group):
    ada = shop.member()

    done = [joins(group, ada), joins(group, ada), leaves(group, ada), leaves(group, ada)]
    again = joins(group, ada)

    stays = GroupMember.objects.order_by("pk").values_list("left_at", flat=True)
    assert [*done, again] == [1, 0, 1, 0, 1]
    assert [left_at is None for left_at in stays] == [False, True]
    assert verbs() == [
        ("members.member", "joined_group"),
        ("members.member", "left_group"),
        ("members.member", "joined_group"),
    ]


def test_many_who_join_are_one_line_of_the_log(shop, group):
    people = [shop.member(), shop.member("+447400123457")]

    joined = joins(group, *people)

    assert (joined, verbs()) == (2, [("members.group", "filled")])


def test_strangers_and_those_who_are_gone_do_not_join(shop, group):
    stranger = open_shop("elsewhere").member()

    assert joins(group, stranger) == 0
    assert list(people_in(group)) == []


def test_who_was_merged_is_in_their_groups_as_one(shop, group):
    ada, twin = shop.member(), shop.member("+447400123457")
    joins(group, ada, twin)
    friends = make_group(shop, "Friends")
    joins(friends, twin)

    merge_members(
        organization_id=shop.organization.pk,
        kept_id=ada.pk,
        merged_id=twin.pk,
        actor=SYSTEM,
        request_key="merge",
    )

    assert [one.size for one in groups_with_size(shop.organization)] == [1, 1]
    assert list(people_in(group)) == [ada]
    assert list(groups_with(ada)) == [friends, group]
    assert (joins(friends, ada), leaves(friends, ada)) == (0, 1)
    assert list(people_in(friends)) == []


def test_a_group_is_renamed_and_keeps_its_code(shop, group):
    renamed = rename_group(group_id=group.pk, name="Crew", actor=SYSTEM)

    assert (renamed.name, renamed.code) == ("Crew", "staff")


def test_rows_are_phones_cards_and_addresses_and_bad_ones_are_named(
    shop, django_assert_num_queries
):
    ada = shop.member(email="ada@example.org")
    ben = shop.member("+447400123457")
    rows = [
        SignRow(2, "07400 123456"),
        SignRow(3, "ADA@example.org"),
        SignRow(4, card_number(ben)),
        SignRow(5, "07400 123499"),
        SignRow(6, "12"),
        SignRow(7, "nobody@"),
    ]

    with django_assert_num_queries(4):
        found = recognize(organization_id=shop.organization.pk, rows=rows)

    assert found.members == [ada.pk, ben.pk]
    assert [(row.number, row.text) for row in found.bad] == [
        (5, "07400 123499"),
        (6, "12"),
        (7, "nobody@"),
    ]
    assert found.bad[0].why == "There is no such member."


@pytest.mark.parametrize(
    ("reason", "data", "expected"),
    [
        ("headings", "phone,name\n0740,Ada\n", [(2, "0740")]),
        ("no headings", "0740\n\n ada@x.org \n", [(1, "0740"), (3, "ada@x.org")]),
        (
            "semicolons and a byte order mark",
            "\ufeff0740;Ada\r\n0741;Ben\r\n",
            [(1, "0740"), (2, "0741")],
        ),
        ("digits of another script", "شماره\n۰۷۴۰۰\n", [(2, "۰۷۴۰۰")]),
    ],
)
def test_a_list_is_read_row_by_row(reason, data, expected):
    rows = read_signs(data.encode())

    assert [(row.number, row.text) for row in rows] == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"phone\n",
        b"\xff\xfe\x00",
        b"1\n" * (ROWS_MAX + 1),
        b"0" * 1_000_001,
        b'"' + b"1" * 200_000,
    ],
)
def test_what_is_no_list_is_refused(data):
    with pytest.raises(GroupFileUnreadable):
        read_signs(data)

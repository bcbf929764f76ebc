"""Members who belong together, in the office: merged, parted, in a household; and forfeits."""

from uuid import uuid4

import pytest

from core.actors import SYSTEM
from core.models.people import Role
from loyalty.models import Entry
from loyalty.services.households import join_household
from loyalty.services.member_merges import merge_members
from members.models import Household, HouseholdMember, Member, MemberMerge
from members.queries import place_in_household
from members.services.households import open_household
from tests.offices import keyed, office_of
from tests.shops import open_shop

MEMBERS = "/office/high-street/members/"
PAGES = ("together/", "merge/", "forfeit/")


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(shop):
    return office_of(shop.organization)


@pytest.fixture
def ada(shop):
    return shop.member("+447400111111", name="Ada Byron")


@pytest.fixture
def ben(shop):
    return shop.member("+447400222222", email="ada@example.com")


def page_of(member, part=""):
    return f"{MEMBERS}{member.public_id}/{part}"


def merged(shop, kept, other, key="merge"):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=other.pk,
        actor=SYSTEM,
        request_key=key,
    )


def household(head, *members):
    house = open_household(head_id=head.pk, name="The Byrons", actor=SYSTEM, request_key="open")
    for member in members:
        join_household(
            household_id=house.pk,
            member_id=member.pk,
            most=None,
            actor=SYSTEM,
            request_key=f"join-{member.pk}",
        )
    return house


@pytest.mark.proves("case 47")
def test_two_are_merged_after_both_were_shown(owner, shop, ada, ben):
    shop.buys(ada, "30.00")
    shop.buys(ben, "12.00")
    sent = keyed(find="07400 222222")

    shown = owner.post(page_of(ada, "merge/"), sent).content.decode()
    before = MemberMerge.objects.count()
    answers = [
        owner.post(page_of(ada, "merge/"), sent | {"other": ben.public_id}) for _again in range(2)
    ]

    assert "ada@example.com" in shown
    assert ">42<" in shown
    assert before == 0
    assert [answer.status_code for answer in answers] == [302, 302]
    assert MemberMerge.objects.get().merged == ben
    assert shop.balance(ada) == 42


def test_the_merged_ones_pages_lead_to_the_survivor(owner, shop, ada, ben):
    merged(shop, ada, ben)

    answer = owner.get(page_of(ben))
    page = owner.get(page_of(ada, "together/")).content.decode()

    assert answer.url == page_of(ada)
    assert "+44 7400 222222" in page


@pytest.mark.proves("case 47")
def test_a_merge_is_undone_after_it_was_said_what_goes_back(owner, shop, ada, ben):
    shop.buys(ben, "12.00")
    merge = merged(shop, ada, ben)
    undo = page_of(ada, f"merges/{merge.public_id}/undo/")

    shown = owner.get(undo).content.decode()
    answer = owner.post(undo, keyed(), follow=True).content.decode()

    assert shown.count("12") >= 2
    assert "They are two members again. Points that went back: 12." in answer
    assert (Member.objects.get(pk=ben.pk).status, shop.balance(ben)) == ("active", 12)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("07400 333333", "There is no such member."),
        ("07400 111111", "This is the same member already."),
        ("hello", "Write the phone number in digits"),
        ("07400 444444", "There is no such member."),
    ],
)
def test_who_cannot_be_merged_is_told_beside_the_field(owner, shop, ada, typed, told):
    open_shop("low-road").member("+447400444444")

    page = owner.post(page_of(ada, "merge/"), keyed(find=typed)).content.decode()

    assert told in page
    assert MemberMerge.objects.count() == 0


def test_what_was_shown_is_what_is_merged(owner, shop, ada, ben):
    third = shop.member("+447400333333")
    sent = keyed(find="07400 222222", other=third.public_id)

    page = owner.post(page_of(ada, "merge/"), sent).content.decode()

    assert "ada@example.com" in page
    assert MemberMerge.objects.count() == 0


def test_another_organizations_members_and_merges_do_not_exist(owner, shop, ada):
    other = open_shop("low-road")
    theirs = [other.member("+447400555555"), other.member("+447400666666")]
    merge = merged(other, *theirs)
    household(theirs[0])
    inside = ("household/add/", "household/limit/", "household/leave/")

    answers = [owner.get(page_of(theirs[0], part)) for part in (*PAGES, *inside)]
    answers += [
        owner.post(page_of(ada, f"merges/{pk}/undo/"), keyed()) for pk in (merge.public_id, uuid4())
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert MemberMerge.objects.get().undone_at is None


def test_analysts_do_not_see_these_pages(shop, ada):
    analyst = office_of(shop.organization, Role.ANALYST)

    answers = [analyst.get(page_of(ada, part)) for part in PAGES]

    assert {answer.status_code for answer in answers} == {403}
    assert "together/" not in analyst.get(page_of(ada)).content.decode()


def test_a_household_is_made_joined_limited_and_left(owner, shop, ada, ben):
    shop.buys(ben, "12.00")
    owner.post(page_of(ada, "together/"), keyed(name="The Byrons"))
    add = keyed(find="07400 222222", most="۵۰۰")
    shown = owner.post(page_of(ada, "household/add/"), add).content.decode()
    for _again in range(2):
        owner.post(page_of(ada, "household/add/"), add | {"other": ben.public_id})
    page = owner.get(page_of(ben, "together/")).content.decode()
    owner.post(page_of(ben, "household/limit/"), keyed(most="20"))
    limit = place_in_household(ben).points_a_month_max
    leaving = owner.get(page_of(ben, "household/leave/")).content.decode()
    owner.post(page_of(ben, "household/leave/"), keyed(points="back"))
    owner.post(page_of(ada, "household/leave/"), keyed())

    assert Household.objects.get().closed_at is not None
    assert ">12<" in shown
    assert "Spent 0 of 500 points this month" in page
    assert limit == 20
    assert ">12<" in leaving
    assert HouseholdMember.objects.filter(left_at=None).count() == 0
    assert (place_in_household(ben), shop.balance(ben)) == (None, 12)


def test_who_leaves_without_their_points_leaves_them(owner, shop, ada, ben):
    shop.buys(ben, "12.00")
    household(ada, ben)

    owner.post(page_of(ben, "household/leave/"), keyed(points="stay"))

    assert shop.balance(ada) == 12
    assert not ben.holdings.exists()


@pytest.mark.parametrize("most", ["-1", "many", "1e9", "99999999999"])
def test_a_limit_is_a_whole_number_or_none(owner, ada, most):
    household(ada)

    page = owner.post(page_of(ada, "household/limit/"), keyed(most=most)).content.decode()

    assert "Write a whole number, such as 500." in page
    assert place_in_household(ada).points_a_month_max is None


def test_who_is_in_no_household_has_no_such_pages(owner, ada):
    parts = ("household/add/", "household/limit/", "household/leave/")

    assert {owner.get(page_of(ada, part)).status_code for part in parts} == {404}


def test_points_are_given_up_once_with_a_reason(owner, shop, member):
    shop.buys(member, "30.00")
    sent = keyed(reason="They moved away")

    shown = owner.get(page_of(member, "forfeit/")).content.decode()
    unsaid = owner.post(page_of(member, "forfeit/"), keyed()).content.decode()
    for _again in range(2):
        owner.post(page_of(member, "forfeit/"), sent)
    again = owner.post(page_of(member, "forfeit/"), keyed(reason="x")).content.decode()

    assert ">30<" in shown
    assert "This field is required." in unsaid
    entry = Entry.objects.get(kind="forfeit")
    assert (entry.points, entry.reason, shop.balance(member)) == (-30, "They moved away", 0)
    assert "They have no points that could be given up." in again


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_who_belongs_together_asks_the_same_for_one_and_for_many(
    owner, shop, ada, count, django_assert_num_queries
):
    others = [shop.member(f"+44740022222{n}") for n in range(count)]
    twins = [shop.member(f"+44740033333{n}") for n in range(count)]
    shop.buys(ada, "30.00")
    for twin in twins:
        merged(shop, ada, twin, key=f"merge-{twin.pk}")
    household(ada, *others)
    owner.get(page_of(ada, "together/"))

    with django_assert_num_queries(11):
        owner.get(page_of(ada, "together/"))

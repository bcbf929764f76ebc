from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core.models import AuditRecord, Store
from core.models.people import Role
from members.models import Card, Consent, Member, MemberStatus
from tests.offices import keyed, office_of
from tests.shops import days_ago, open_shop

MEMBERS = "/office/high-street/members/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(shop):
    return office_of(shop.organization, name="Ada")


@pytest.fixture
def analyst(shop):
    return office_of(shop.organization, Role.ANALYST)


def page_of(member):
    return f"{MEMBERS}{member.public_id}/"


def names_on(answer):
    page = answer.content.decode()
    return [name for name in ("Mina", "Sara", "Omar") if name in page]


@pytest.fixture
def three(shop, member):
    sara = shop.member("+447400123457", name="Sara Ahmadi", email="sara@example.org")
    omar = shop.member("+447911123458", name="Omar Haddad", joined_at=days_ago(200))
    return member, sara, omar


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.OWNER, [200] * 9),
        (Role.MANAGER, [200] * 9),
        (Role.ANALYST, [200] * 4 + [403] * 5),
        (Role.CASHIER, [403] * 9),
    ],
)
def test_each_role_opens_its_pages_and_no_other(shop, member, role, statuses):
    client = office_of(shop.organization, role)
    parts = ("", "ledger/", "details/", "edit/", "adjust/", "block/", "unblock/")
    pages = [MEMBERS, *(page_of(member) + part for part in parts[:3])]
    pages += [f"{MEMBERS}add/", *(page_of(member) + part for part in parts[3:])]

    assert [client.get(page).status_code for page in pages] == statuses


def test_analysts_see_members_masked(shop, analyst):
    mina = shop.member("+447400123459", name="Mina Karimi", email="mina@example.org")
    number = Card.objects.get(member=mina).number
    pages = [MEMBERS, page_of(mina), page_of(mina) + "details/", page_of(mina) + "ledger/"]

    told = " ".join(analyst.get(page).content.decode() for page in pages)

    hidden = ("Karimi", "mina@", "7400 123459", "7400123459", number)
    assert [secret for secret in hidden if secret in told] == []
    assert "Mina K." in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("07400 123456", ["Mina"]),
        ("+44 7400 123457", ["Sara"]),
        ("٠٧٤٠٠ ١٢٣٤٥٧", ["Sara"]),
        ("3458", ["Omar"]),
        ("SARA@example.org", ["Sara"]),
        ("ahma", ["Sara"]),
        ("a", ["Mina", "Sara", "Omar"]),
        ("nobody", []),
        ("999999999", []),
        ("sara@", []),
    ],
)
def test_one_field_finds_by_whatever_is_typed(owner, three, text, found):
    assert names_on(owner.get(MEMBERS, {"q": text})) == found


def test_analysts_find_by_number_and_never_by_name(analyst, three):
    by_name = analyst.get(MEMBERS, {"q": "Ahmadi"})
    by_number = analyst.get(MEMBERS, {"q": "07400 123457"})

    assert (names_on(by_name), names_on(by_number)) == ([], ["Sara"])
    assert "at least the last four digits" in by_name.content.decode()


def test_the_list_is_narrowed_by_state_store_and_age(owner, shop, three):
    mina, sara, _omar = three
    Member.objects.filter(pk=sara.pk).update(status=MemberStatus.BLOCKED)
    Member.objects.filter(pk=mina.pk).update(home_store=shop.store)

    found = [
        names_on(owner.get(MEMBERS, asked))
        for asked in ({"state": "blocked"}, {"state": "active"}, {"store": "1"}, {"joined": "30"})
    ]

    assert found == [["Sara"], ["Mina", "Omar"], ["Mina"], ["Mina", "Sara"]]


@pytest.mark.parametrize(
    "asked", [{"state": "x"}, {"store": "nowhere"}, {"joined": "-1"}, {"q": "\u202e"}]
)
def test_a_filter_that_makes_no_sense_breaks_nothing(owner, three, asked):
    assert owner.get(MEMBERS, asked).status_code == 200


def test_the_list_goes_on_page_by_page(owner, shop):
    for number in range(51):
        joined = timezone.now() - timedelta(days=number)
        shop.member(f"+4474001{number:05}", name=f"N{number:02}", joined_at=joined)

    first = owner.get(MEMBERS)
    rest = owner.get(MEMBERS + first.context["page"].next_url)

    assert (len(first.context["rows"]), len(rest.context["rows"])) == (50, 1)
    assert "N50" in rest.content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_asks_a_fixed_number_of_questions(
    owner, shop, member, more, django_assert_num_queries
):
    shop.buys(member, "10")
    for number in range(more):
        shop.buys(shop.member(f"+4474001234{number}0", store_id=shop.store.pk), "10")
    owner.get(MEMBERS)

    with django_assert_num_queries(7):
        owner.get(MEMBERS)


def test_the_list_tells_what_members_can_spend(owner, shop, member):
    shop.buys(member, "1240")

    assert ">1,240<" in owner.get(MEMBERS).content.decode()


@pytest.mark.proves("C11")
def test_somebody_is_enrolled_once_with_all_they_said(owner, shop):
    form = keyed(
        phone="07400 123450",
        name="Zoë",
        email="zoe@example.org",
        birth_day="17",
        birth_month="5",
        language="en",
        store="1",
        terms="on",
        by_sms="on",
        text_version="2026-01",
    )

    answers = [owner.post(f"{MEMBERS}add/", form) for _ in range(2)]

    zoe = Member.objects.get(name="Zoë")
    consents = zoe.consents.order_by("purpose").values_list("channel", "purpose", "text_version")
    assert [answer.url for answer in answers] == [page_of(zoe)] * 2
    assert (zoe.phone, str(zoe.birthday), zoe.home_store) == (
        "+447400123450",
        "--05-17",
        shop.store,
    )
    assert zoe.joined_source == "office"
    assert list(consents) == [("sms", "marketing", "2026-01"), ("any", "terms", "2026-01")]
    assert AuditRecord.objects.filter(subject="members.member", verb="enrolled").count() == 1


def test_somebody_known_is_shown_and_left_as_they_are(owner, member):
    answer = owner.post(f"{MEMBERS}add/", keyed(phone="07400 123456", name="Other"), follow=True)

    member.refresh_from_db()
    assert "were a member already" in answer.content.decode()
    assert (member.name, Member.objects.count()) == ("Mina K", 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"phone": "07400 123450", "email": "x@"}, "email"),
        ({"phone": "07400 123450", "birth_day": "3"}, "birth_day"),
        ({"phone": "07400 123450", "birth_day": "31", "birth_month": "2"}, "birth_day"),
        ({"phone": "07400 123450", "language": "xx"}, "language"),
        ({"phone": "07400 123450", "store": "nowhere"}, "store"),
        ({"phone": "07400 123450", "terms": "on"}, "text_version"),
        ({"phone": "07400 123450", "name": "\u200b"}, "name"),
    ],
)
def test_what_is_wrong_with_an_enrollment_shows_beside_its_field(owner, shop, wrong, field):
    answer = owner.post(f"{MEMBERS}add/", keyed(**wrong))

    assert answer.status_code == 200
    assert f'id="error_1_id_{field}"' in answer.content.decode()
    assert (Member.objects.count(), Consent.objects.count()) == (0, 0)


def test_a_merged_member_leads_to_the_one_who_lives_on(owner, three):
    mina, sara, _omar = three
    Member.objects.filter(pk=mina.pk).update(status=MemberStatus.MERGED, merged_into=sara)

    answers = [owner.get(page_of(mina) + part) for part in ("", "ledger/", "details/")]

    assert [answer.url for answer in answers] == [page_of(sara)] * 3


def test_members_of_another_organization_do_not_exist(owner):
    theirs = open_shop("low-road").member("+447400123499", name="Stranger")
    parts = ("", "ledger/", "details/", "edit/", "adjust/", "block/", "unblock/")

    answers = [owner.get(page_of(theirs) + part).status_code for part in parts]
    answers += [
        owner.post(page_of(theirs) + part, keyed(reason="x", points="5")).status_code
        for part in parts[3:]
    ]
    answers.append(owner.get(f"{MEMBERS}{uuid4()}/").status_code)

    assert answers == [404] * 12
    assert (
        "Stranger"
        not in owner.get(MEMBERS, {"q": "Stranger"})
        .content.decode()
        .split("<main")[1]
        .split("value=")[0]
    )


def test_a_home_store_of_another_organization_cannot_be_chosen(owner, member):
    other = open_shop("low-road")
    Store.objects.create(organization=other.organization, code="XX", name="Theirs")

    answer = owner.post(page_of(member) + "edit/", keyed(phone="07400 123456", store="XX"))

    member.refresh_from_db()
    assert answer.status_code == 200
    assert member.home_store is None

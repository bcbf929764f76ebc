from datetime import UTC, datetime

import pytest

from core.models import AuditRecord, Store
from core.services.api_keys import NewIntegration, open_integration
from loyalty.models import Program
from members.models import Card, Consent, Member, MemberStatus
from tests.callers import Caller, problem
from tests.noted import define
from tests.shops import days_ago, open_shop

CARD = "2900000000001"
NOBODY = "6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10"
HOSTILE = ["' OR 1=1--", "'; DROP TABLE members_member;--", "\\", "%", "_", "%%s", "{0}"]


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


@pytest.fixture
def other():
    """Another organization with a member under the same phone."""
    return open_shop("low-road")


def join(api, **body):
    return api.post("members/", body)


def members():
    return list(Member.objects.order_by("pk").values_list("phone", "email", "name"))


def test_a_phone_is_enough_to_enroll_and_is_told_back_in_one_spelling(shop, api):
    response = join(api, phone="07400 123456")

    member = Member.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(member.public_id),
        "number": member.cards.get().number,
        "name": "",
        "phone": "+447400123456",
        "email": None,
        "status": "active",
        "joined_at": member.joined_at.isoformat().replace("+00:00", "Z"),
        "accounts": [],
    }
    assert AuditRecord.objects.get(verb="enrolled").actor.startswith("integration:")


def test_everything_that_can_be_said_when_joining_is_kept(shop, api):
    define(shop.organization, shoe_size="number", vegan="yes_no")
    response = join(
        api,
        phone="+44 7400 123456",
        email="Ada@Example.org",
        name="Ada Lovelace",
        birthday="1990-02-28",
        language="fa",
        store="1",
        card="29 0000 0000 001",
        consents=[{"channel": "email", "purpose": "marketing", "text_version": "3"}],
        attributes={"shoe_size": 38, "vegan": True},
    )

    member = Member.objects.get()
    consent = Consent.objects.get(member=member)
    assert response.status_code == 201
    assert response.json()["number"] == CARD
    assert (member.email, member.name, str(member.birthday), member.language) == (
        "Ada@Example.org",
        "Ada Lovelace",
        "1990-02-28",
        "fa",
    )
    assert (member.home_store, member.attributes) == (shop.store, {"shoe_size": 38, "vegan": True})
    assert (consent.channel, consent.purpose, consent.source) == ("email", "marketing", "api")
    assert consent.granted


def test_an_enrolled_phone_is_answered_with_the_member_unchanged(shop, api):
    ada = shop.member("+447400123456", name="Ada")
    shop.buys(ada, "12.50")

    response = join(api, phone="07400123456", name="Somebody Else", email="else@example.org")

    assert response.status_code == 200
    assert (response.json()["id"], response.json()["name"]) == (str(ada.public_id), "Ada")
    assert response.json()["accounts"][0]["balance"] == 12
    assert members() == [("+447400123456", None, "Ada")]


@pytest.mark.proves("I1")
def test_the_same_key_gets_the_same_answer_to_the_byte_whatever_happened_since(shop, api):
    first = api.post("members/", {"phone": "07400 123456"}, key="one-and-the-same-key")
    shop.buys(Member.objects.get(), "5.00")
    again = api.post("members/", {"phone": "+447400123456"}, key="one-and-the-same-key")
    other = api.post("members/", {"phone": "07400 654321"}, key="one-and-the-same-key")

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("why", "body", "refused"),
    [
        ("nobody", {}, (400, "contact_needed", "phone")),
        ("no phone", {"phone": "12345"}, (400, "phone_invalid", "phone")),
        ("a number", {"phone": 447400123456}, (400, "invalid", "phone")),
        ("null", {"phone": None}, (400, "null", "phone")),
        ("no address", {"email": "ada"}, (400, "email_invalid", "email")),
        (
            "an unknown store",
            {"phone": "07400123456", "store": "9"},
            (400, "store_unknown", "store"),
        ),
        (
            "a future birthday",
            {"phone": "07400123456", "birthday": "2999-01-01"},
            (400, "birthday_invalid", "birthday"),
        ),
        (
            "a mistyped card",
            {"phone": "07400123456", "card": "2900000000002"},
            (400, "card_invalid", "card"),
        ),
        (
            "an unknown purpose",
            {
                "phone": "07400123456",
                "consents": [{"channel": "sms", "purpose": "spam", "text_version": "1"}],
            },
            (400, "invalid_choice", "consents[0].purpose"),
        ),
        (
            "an attribute that nobody defined",
            {"phone": "07400123456", "attributes": {"a": {"b": 1}}},
            (400, "attribute_unknown", "attributes.a"),
        ),
        (
            "an unknown language",
            {"phone": "07400123456", "language": "xx"},
            (400, "language_not_offered", "language"),
        ),
        (
            "a referral",
            {"phone": "07400123456", "referral_code": "A"},
            (400, "unknown_field", "referral_code"),
        ),
    ],
)
def test_who_cannot_be_enrolled_leaves_no_trace(shop, api, why, body, refused):
    assert problem(join(api, **body)) == refused
    assert members() == []
    assert Card.objects.count() == 0


@pytest.mark.proves("input 81")
@pytest.mark.parametrize(
    "name", ["balance", "id", "status", "organization", "program", "points", "is_verified", "user"]
)
def test_no_field_of_ours_can_be_smuggled_in(shop, api, member, name):
    before = members()

    joined = join(api, phone="07400 654321", **{name: 1000})
    changed = api.patch(f"members/{member.public_id}/", {name: 1000})

    assert problem(joined) == (400, "unknown_field", name)
    assert problem(changed) == (400, "unknown_field", name)
    assert members() == before


@pytest.mark.proves("input 72", "input 80", "input 110")
@pytest.mark.parametrize("text", [*HOSTILE, "O'Connor", "Null", "True", "محمد‌رضا", "{{7*7}}"])
def test_any_name_is_kept_and_told_literally(shop, api, text):
    response = join(api, phone="07400 123456", name=text)

    assert response.json()["name"] == text
    assert Member.objects.get().name == text


def test_a_key_of_one_store_enrolls_into_that_store_only(shop):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    new = NewIntegration(name="Till", scopes=("all",), store="1")
    api = Caller(open_integration(organization_id=shop.organization.pk, new=new).secret)

    own = join(api, phone="07400 123456")
    elsewhere = join(api, phone="07400 654321", store="2")

    assert own.status_code == 201
    assert problem(elsewhere) == (400, "store_unknown", "store")
    assert [one.home_store for one in Member.objects.all()] == [shop.store]


@pytest.mark.proves("input 1", "input 4")
@pytest.mark.parametrize(
    "sign",
    [
        {"phone": "+447400123456"},
        {"phone": "07400 123456"},
        {"phone": "٠٧٤٠٠١٢٣٤٥٦"},
        {"phone": " 447400123456"},
        {"card": "29 0000 0000 001"},
        {"email": "ADA@example.org"},
    ],
)
def test_a_member_is_found_by_what_they_are_known_by(shop, api, sign):
    ada = shop.member("+447400123456", email="ada@example.org", card=CARD)

    response = api.get("members/", **sign)

    assert response.status_code == 200
    assert [found["id"] for found in response.json()["results"]] == [str(ada.public_id)]


def test_an_unescaped_plus_in_an_address_is_a_plus(shop, api):
    ada = shop.member("+447400123456")

    response = api.send("GET", "members/?phone=+447400123456")

    assert [found["id"] for found in response.json()["results"]] == [str(ada.public_id)]


def test_a_member_can_be_found_without_telling_the_address_their_phone(shop, api):
    ada = shop.member("+447400123456")
    headers = {"Idempotency_Key": ""}

    response = api.send("POST", "members/find/", '{"phone": "07400 123456"}', **headers)
    nobody = api.send("POST", "members/find/", '{"phone": "07400 654321"}', **headers)

    assert response.json()["results"][0]["id"] == str(ada.public_id)
    assert (nobody.status_code, nobody.json()) == (200, {"results": []})


@pytest.mark.proves("input 71", "input 79", "input 20")
@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("", (400, "one_sign_needed", None)),
        ("?phone=07400123456&card=2900000000001", (400, "one_sign_needed", None)),
        ("?phone=07400123456&phone=07400654321", (400, "repeated_parameter", "phone")),
        ("?phone=07400123456&ordering=password", (400, "unknown_parameter", "ordering")),
        ("?member__program__name=a", (400, "unknown_parameter", "member__program__name")),
        ("?_connector=OR&phone=1", (400, "unknown_parameter", "_connector")),
        ("?fields=user", (400, "unknown_parameter", "fields")),
        ("?phone=12345", (400, "phone_invalid", "phone")),
        ("?phone=", (400, "blank", "phone")),
        ("?card=1", (400, "card_invalid", "card")),
        ("?email=%27%20OR%201=1--", (400, "email_invalid", "email")),
        ("?phone=a%00b", (400, "malformed_url", None)),
    ],
)
def test_a_search_that_could_be_misunderstood_is_refused(shop, api, query, refused):
    assert problem(api.send("GET", f"members/{query}")) == refused


def test_a_member_is_shown_with_what_they_have_in_every_program(shop, api, member):
    shop.settle(expiry={"type": "after", "months": 12, "round_up": "year"})
    shop.buys(member, "40.00", at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    shop.settle(expiry={"type": "never"}, pending_days=14)
    shop.buys(member, "2.00")

    response = api.get(f"members/{member.public_id}/")

    assert response.status_code == 200
    assert response.json()["accounts"] == [
        {
            "program": "club",
            "balance": 40,
            "pending": 2,
            "held": 0,
            "debt": 0,
            "next_expiry": {"points": 40, "at": "2028-01-01T00:00:00Z"},
            "tier": None,
            "progress": [],
        }
    ]


@pytest.mark.parametrize("programs", [1, 3])
def test_a_member_is_shown_with_a_fixed_number_of_questions(
    shop, api, member, programs, django_assert_num_queries
):
    for number in range(1, programs):
        more = Program.objects.create(
            organization=shop.organization, slug=f"more-{number}", name="More", status="live"
        )
        rule = more.rules.create(code="base", name="Base", status="active")
        shop.add_version(rule, shop.rule.versions.get().spec, since=days_ago(9))
    shop.buys(member, "5.00")
    api.get("ping/")

    with django_assert_num_queries(4):
        shown = api.get(f"members/{member.public_id}/")
    with django_assert_num_queries(2):
        found = api.get("members/", phone=member.phone)

    assert [one["balance"] for one in shown.json()["accounts"]] == [5] * programs
    assert found.json()["results"] == [shown.json()]


def test_a_change_concerns_what_was_sent_and_nothing_else(shop, api, member):
    define(shop.organization, vegan="yes_no")
    path = f"members/{member.public_id}/"

    response = api.patch(path, {"email": "mina@example.org", "attributes": {"vegan": True}})
    cleared = api.patch(path, {"email": None, "attributes": {"vegan": None}, "store": "1"})
    nothing = api.patch(path, {})

    member.refresh_from_db()
    assert (response.status_code, response.json()["email"]) == (200, "mina@example.org")
    assert (cleared.json()["email"], cleared.json()["name"]) == (None, "Mina K")
    assert nothing.json() == cleared.json()
    assert (member.attributes, member.home_store) == ({}, shop.store)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"phone": "+447400654321"}, (409, "phone_taken", "phone")),
        ({"phone": None}, (400, "contact_needed", "phone")),
        ({"phone": "07400"}, (400, "phone_invalid", "phone")),
        ({"name": None}, (400, "null", "name")),
        ({"name": 5}, (400, "invalid", "name")),
        ({"card": CARD}, (400, "unknown_field", "card")),
        ({"store": "nowhere"}, (400, "store_unknown", "store")),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(shop, api, member, body, refused):
    shop.member("+447400654321")
    before = members()

    assert problem(api.patch(f"members/{member.public_id}/", body)) == refused
    assert members() == before


def test_an_erased_member_cannot_be_changed(shop, api, member):
    Member.objects.filter(pk=member.pk).update(
        status=MemberStatus.ERASED, phone=None, email=None, email_key=None, name=""
    )

    answer = api.patch(f"members/{member.public_id}/", {"name": "Back"})
    assert problem(answer)[:2] == (409, "member_closed")


@pytest.mark.proves("input 82", "X2", "X3", "X5")
def test_another_organizations_member_does_not_exist(shop, api, other):
    theirs = other.member("+447400123456", email="ada@example.org", card=CARD)

    for response in (
        api.get(f"members/{theirs.public_id}/"),
        api.patch(f"members/{theirs.public_id}/", {"name": "Mine"}),
        api.get(f"members/{theirs.public_id}/entries/"),
    ):
        unknown = api.get(f"members/{NOBODY}/")
        assert problem(response) == problem(unknown) == (404, "not_found", None)
    for sign in ({"phone": theirs.phone}, {"email": theirs.email}, {"card": CARD}):
        assert api.get("members/", **sign).json() == {"results": []}
    assert join(api, phone="+447400123456").status_code == 201
    assert Member.objects.get(pk=theirs.pk).name == ""


@pytest.mark.proves("input 83")
@pytest.mark.parametrize(
    "name", ["0", "-1", "9" * 40, "9" * 5000, "1.0", "۱۲", "null", "{}", f"{NOBODY}0", "%20"]
)
def test_an_id_that_is_none_is_not_found(shop, api, name):
    assert problem(api.get(f"members/{name}/"))[0] == 404
    assert problem(api.patch(f"members/{name}/", {}))[0] == 404
    assert problem(api.get(f"members/{name}/entries/"))[0] == 404


@pytest.mark.proves("input 70", "X6")
def test_each_call_needs_its_scope(shop, member):
    reader = Caller(shop.api_key("members:read", name="reader"))
    writer = Caller(shop.api_key("members:write", name="writer"))
    path = f"members/{member.public_id}/"

    assert problem(reader.post("members/", {"phone": "07400 654321"}))[:2] == (403, "scope_missing")
    assert problem(reader.patch(path, {"name": "No"}))[:2] == (403, "scope_missing")
    assert problem(writer.get(path))[:2] == (403, "scope_missing")
    assert problem(writer.get(f"{path}entries/"))[:2] == (403, "scope_missing")
    assert problem(writer.get("members/", phone="1"))[:2] == (403, "scope_missing")
    assert problem(writer.post("members/find/", {"phone": "1"}))[:2] == (403, "scope_missing")
    assert problem(Caller("rg_live_none").get(path))[:2] == (401, "key_not_accepted")
    assert problem(reader.send("DELETE", path, "{}"))[:2] == (405, "method_not_allowed")
    assert members() == [(member.phone, None, "Mina K")]


def test_enrolling_needs_an_idempotency_key(shop, api):
    response = api.send("POST", "members/", '{"phone": "07400 123456"}')

    assert problem(response) == (400, "idempotency_key_required", "Idempotency-Key")
    assert members() == []

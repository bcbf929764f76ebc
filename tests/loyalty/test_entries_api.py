import pytest

from core.actors import SYSTEM
from loyalty.models import Program
from loyalty.services.adjustments import adjust_points
from members.models import Member, MemberStatus
from tests.callers import Caller, problem
from tests.shops import days_ago, open_shop


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def entries(api, member, **query):
    return api.get(f"members/{member.public_id}/entries/", **query)


def second_program(shop, slug="extra"):
    program = Program.objects.create(
        organization=shop.organization, slug=slug, name="Extra", status="live"
    )
    rule = program.rules.create(code="base", name="Base", status="active")
    shop.add_version(rule, shop.rule.versions.get().spec, since=days_ago(9))
    return program


def test_an_entry_says_what_it_did_and_which_rules_gave_it(shop, api, member):
    recorded = shop.buys(member, "12.40")
    entry = recorded.earned[0].entry

    response = entries(api, member)

    assert response.status_code == 200
    assert response.json() == {
        "results": [
            {
                "account": str(shop.account(member).public_id),
                "program": "club",
                "sequence": 1,
                "kind": "earn",
                "points": 12,
                "balance_after": 12,
                "occurred_at": entry.occurred_at.isoformat().replace("+00:00", "Z"),
                "created_at": entry.created_at.isoformat().replace("+00:00", "Z"),
                "reason": "",
                "cause": "purchase",
                "why": [
                    {
                        "rule": str(shop.rule.public_id),
                        "name": "Base",
                        "version": 1,
                        "points": 12,
                        "desired": 12,
                        "why": [
                            {
                                "code": "points_per_amount",
                                "text": "1 point per £1 on £12.40",
                                "params": {"points": 1, "per": "1", "amount": "12.4"},
                            },
                            {
                                "code": "rounded_down",
                                "text": "rounded down to a whole point",
                                "params": {},
                            },
                        ],
                    }
                ],
            }
        ],
        "next": None,
    }


@pytest.mark.proves("case 5")
def test_a_capped_rule_tells_what_it_would_have_given(shop, api, member):
    spec = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 50},
        "limits": {"per_purchase": 30},
    }
    rule = shop.add_rule(spec)
    shop.buys(member, "1.00")

    (entry,) = entries(api, member).json()["results"]

    by_rule = {award["rule"]: award for award in entry["why"]}
    capped = by_rule[str(rule.public_id)]
    assert (capped["points"], capped["desired"]) == (30, 50)
    assert [reason["code"] for reason in capped["why"]] == ["fixed_points", "capped"]


def test_a_correction_by_hand_tells_its_reason(shop, api, member):
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=25,
        reason="Sorry for the wait",
        actor=SYSTEM,
        request_key="by-hand",
    )

    (entry,) = entries(api, member).json()["results"]

    assert (entry["kind"], entry["cause"], entry["reason"], entry["why"]) == (
        "adjust",
        "adjustment",
        "Sorry for the wait",
        [],
    )


def test_a_member_without_an_account_has_no_entries(api, member):
    assert entries(api, member).json() == {"results": [], "next": None}


@pytest.mark.proves("input 98")
def test_pages_follow_one_another_newest_first_without_a_gap(shop, api, member):
    for pounds in (1, 2, 3, 4, 5):
        shop.buys(member, f"{pounds}.00")

    first = entries(api, member, limit=2).json()
    second = api.send("GET", first["next"].partition("/api/v1/")[2]).json()
    third = api.send("GET", second["next"].partition("/api/v1/")[2]).json()

    pages = [first, second, third]
    assert [[entry["sequence"] for entry in page["results"]] for page in pages] == [
        [5, 4],
        [3, 2],
        [1],
    ]
    assert third["next"] is None


def test_programs_are_listed_one_after_the_other_or_one_alone(shop, api, member):
    second_program(shop)
    shop.buys(member, "1.00")
    shop.buys(member, "2.00")

    every = entries(api, member).json()["results"]
    alone = entries(api, member, program="club").json()["results"]

    assert sorted((entry["program"], entry["sequence"]) for entry in every) == [
        ("club", 1),
        ("club", 2),
        ("extra", 1),
        ("extra", 2),
    ]
    assert [(entry["program"], entry["sequence"]) for entry in alone] == [("club", 2), ("club", 1)]


@pytest.mark.proves("input 79", "input 98", "input 71")
@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("?limit=0", (400, "min_value", "limit")),
        ("?limit=101", (400, "max_value", "limit")),
        ("?limit=1000000000000000000000", (400, "invalid", "limit")),
        ("?limit=-1", (400, "invalid", "limit")),
        ("?limit=1.0", (400, "invalid", "limit")),
        ("?limit=۱۲", (400, "invalid", "limit")),
        ("?cursor=WzEsMV0:nonsense", (400, "cursor_invalid", "cursor")),
        ("?page=2", (400, "unknown_parameter", "page")),
        ("?ordering=actor", (400, "unknown_parameter", "ordering")),
        ("?limit=1&limit=2", (400, "repeated_parameter", "limit")),
        ("?program=nowhere", (400, "program_unknown", "program")),
        ("?program=club'--", (400, "program_unknown", "program")),
    ],
)
def test_a_list_takes_its_own_parameters_only(shop, api, member, query, refused):
    assert problem(api.send("GET", f"members/{member.public_id}/entries/{query}")) == refused


@pytest.mark.proves("X3", "input 82")
def test_a_cursor_opens_the_list_it_belongs_to_and_no_other(shop, api, member):
    eve = shop.member("+447400654321")
    for person in (member, eve):
        shop.buys(person, "1.00")
        shop.buys(person, "2.00")
    cursor = entries(api, member, limit=1).json()["next"].partition("cursor=")[2].split("&")[0]

    assert problem(api.send("GET", f"members/{eve.public_id}/entries/?cursor={cursor}")) == (
        400,
        "cursor_invalid",
        "cursor",
    )


def test_the_entries_of_a_merged_member_are_those_of_the_one_they_became(shop, api, member):
    gone = shop.member("+447400654321")
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=member)
    shop.buys(member, "3.00")

    assert entries(api, gone).content == entries(api, member).content
    assert api.get(f"members/{gone.public_id}/").json()["id"] == str(member.public_id)


def test_two_shops_with_the_same_phone_keep_their_entries_apart(shop, api, member):
    other = open_shop("low-road")
    shop.buys(member, "3.00")
    other.buys(other.member(member.phone), "400.00")

    assert [entry["points"] for entry in entries(api, member).json()["results"]] == [3]


@pytest.mark.parametrize("receipts", [1, 3])
def test_a_list_asks_the_database_a_fixed_number_of_questions(
    shop, api, member, receipts, django_assert_num_queries
):
    shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "fixed_points", "points": 5},
        }
    )
    for _receipt in range(receipts):
        shop.buys(member, "5.00")
    api.get("ping/")

    with django_assert_num_queries(7):
        response = entries(api, member)

    assert [len(entry["why"]) for entry in response.json()["results"]] == [2] * receipts

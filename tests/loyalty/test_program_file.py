import copy
import json

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.models import AuditRecord
from loyalty.models import Program, Rule, RuleVersion
from loyalty.services.programs import create_program, dump_program
from tests.loyalty.program_files import (
    ONE,
    THREE,
    TWO,
    document,
    dump,
    everything,
    faults,
    load,
    open_organization,
    version,
)


@pytest.fixture
def organization(db):
    return open_organization("high-street")


def test_the_first_program_gives_a_point_per_whole_unit_of_the_currency_from_ever_on(organization):
    program = create_program(organization_id=organization.pk)

    assert (program.slug, program.name, program.status, program.is_open) == (
        "main",
        "High-Street",
        "live",
        True,
    )
    assert dump(organization)["rules"] == [
        {
            "code": "base",
            "name": "Points for every purchase",
            "status": "active",
            "versions": [
                {
                    "effective_from": "2000-01-01T00:00:00Z",
                    "spec": {
                        **ONE,
                        "conditions": [],
                        "carry": False,
                        "rounding": "down",
                        "limits": {"per_member": {}},
                        "stacking": {"priority": 0},
                    },
                }
            ],
        }
    ]


def test_making_the_first_program_again_leaves_it_as_it_became(organization):
    program = create_program(organization_id=organization.pk)
    load(organization, document(TWO))
    before = everything()

    again = create_program(organization_id=organization.pk)

    assert again == program
    assert everything() == before


def test_nobody_elses_program_is_made(db):
    with pytest.raises(Missing):
        create_program(organization_id=404)


def test_a_file_makes_the_program_it_describes(organization):
    changes = load(
        organization,
        document(ONE, is_open=False, settings={"pending_days": 14, "expiry": {"type": "never"}}),
    )

    program = Program.objects.get()
    rule = program.rules.get()
    assert changes == [
        "program.name",
        "program.status",
        "program.is_open",
        "program.settings",
        "rules.base",
    ]
    assert (program.organization, program.slug, program.is_open) == (organization, "main", False)
    assert (program.terms.pending_days, program.settings["hold_seconds"]) == (14, 600)
    assert (rule.code, rule.status, rule.versions.get().created_by) == ("base", "active", "staff:5")
    assert list(
        AuditRecord.objects.order_by("pk").values_list("actor", "verb", "subject", "fields")
    ) == [
        ("staff:5", "added", "loyalty.program", ["is_open", "name", "settings", "status"]),
        ("staff:5", "added", "loyalty.rule", ["name", "status", "versions"]),
    ]


@pytest.mark.parametrize(
    "file",
    [
        document(),
        document(ONE),
        document(("2020-01-01T00:00:00Z", ONE), ("2021-01-01T01:00:00+01:00", TWO), THREE),
        document(("2020-01-01T00:00:00Z", ONE), ("2090-01-01T01:00:00+01:00", TWO)),
        {"format": 1, "program": {"slug": "main", "name": "Club"}},
    ],
)
def test_loading_a_file_twice_changes_nothing(organization, file):
    load(organization, file)
    before = everything()

    assert load(organization, copy.deepcopy(file)) == []
    assert everything() == before


def test_a_new_rule_without_a_date_counts_from_now_on(organization):
    before = timezone.now()

    load(organization, document(ONE))

    assert before <= RuleVersion.objects.get().effective_from <= timezone.now()


def test_what_a_file_does_not_name_stays_as_it_is(organization):
    load(organization, document(settings={"pending_days": 14, "debt": "floor"}))
    load(organization, {**document(), "rules": [{**document()["rules"][0], "code": "other"}]})

    changes = load(
        organization,
        {
            "format": 1,
            "program": {"slug": "main", "name": "Club", "settings": {"pending_days": 7}},
        },
    )

    program = Program.objects.get()
    assert changes == ["program.settings"]
    assert (program.status, program.terms.pending_days, program.terms.debt) == ("live", 7, "floor")
    assert list(Rule.objects.order_by("code").values_list("code", "status")) == [
        ("base", "active"),
        ("other", "active"),
    ]


def test_a_rule_listed_without_its_status_keeps_it(organization):
    load(organization, document(status="paused"))
    file = document()
    del file["rules"][0]["status"]

    assert load(organization, file) == []
    assert Rule.objects.get().status == "paused"


def test_another_short_name_is_another_program(organization):
    load(organization, document())
    load(organization, document(slug="extra", name="Extra"))

    assert list(Program.objects.order_by("pk").values_list("slug", flat=True)) == ["main", "extra"]
    assert dump_program(organization_id=organization.pk, slug="extra")["program"]["name"] == "Extra"
    assert dump(organization)["program"]["slug"] == "main"
    with pytest.raises(Missing):
        dump_program(organization_id=organization.pk, slug="nowhere")


def test_two_organizations_have_programs_of_the_same_name_apart(organization):
    other = open_organization("low-road")
    load(organization, document())
    load(other, document(name="Theirs"))

    assert dump(organization)["program"]["name"] == "Club"
    assert dump(other)["program"]["name"] == "Theirs"


@pytest.mark.proves("input 114", "input 81")
@pytest.mark.parametrize(
    ("why", "change", "expected"),
    [
        ("no list", {"rules": {}}, [("rules", "tuple_type")]),
        ("no program", {"program": None}, [("program", "model_type")]),
        ("another format", {"format": 2}, [("format", "format_unknown")]),
        ("true is not 1", {"format": True}, [("format", "format_unknown")]),
        ("an unknown part", {"crowns": []}, [("crowns", "extra_forbidden")]),
        (
            "several at once",
            {"format": 9, "program": {"slug": "A", "name": "", "id": 5}},
            [
                ("format", "format_unknown"),
                ("program.id", "extra_forbidden"),
                ("program.name", "blank"),
                ("program.slug", "slug_invalid"),
            ],
        ),
        (
            "a setting that is none",
            {
                "program": {
                    "slug": "main",
                    "name": "Club",
                    "settings": {
                        "pending_days": True,
                        "debt": "forgive",
                        "free": 1,
                        "expiry": {"type": "after"},
                    },
                }
            },
            [
                ("program.settings.debt", "literal_error"),
                ("program.settings.expiry", "one_length"),
                ("program.settings.free", "extra_forbidden"),
                ("program.settings.pending_days", "int_type"),
            ],
        ),
    ],
)
def test_a_file_with_faults_is_refused_as_a_whole(organization, why, change, expected):
    load(organization, document())

    assert faults(organization, {**document(TWO), **change}) == expected


@pytest.mark.parametrize(
    ("why", "change", "expected"),
    [
        ("no versions", {"versions": []}, [("rules.0.versions", "too_short")]),
        ("no such status", {"status": "live"}, [("rules.0.status", "literal_error")]),
        ("a code with a slash", {"code": "a/b"}, [("rules.0.code", "code_invalid")]),
        ("a name of nothing", {"name": "\u200b"}, [("rules.0.name", "blank")]),
        (
            "an undated version before another",
            {"versions": [{"spec": ONE}, {"spec": TWO}]},
            [("rules.0.versions", "undated_version")],
        ),
        (
            "versions out of order",
            {"versions": [version(("2026-01-01T00:00:00Z", ONE))] * 2},
            [("rules.0.versions", "versions_out_of_order")],
        ),
        (
            "a date without an offset",
            {"versions": [version(("2026-01-01T00:00:00", ONE))]},
            [("rules.0.versions.0.effective_from", "not_a_moment")],
        ),
        (
            "a date that is none",
            {"versions": [version(("2026-02-30T00:00:00Z", ONE))]},
            [("rules.0.versions.0.effective_from", "not_a_moment")],
        ),
        (
            "a date beyond time",
            {"versions": [version(("9999-12-31T23:59:59-14:00", ONE))]},
            [("rules.0.versions.0.effective_from", "not_a_moment")],
        ),
        (
            "a rule that is none",
            {"versions": [version(("2026-01-01T00:00:00Z", {"effect": {"type": "magic"}}))]},
            [
                ("rules.0.versions.0.spec.effect", "union_tag_invalid"),
                ("rules.0.versions.0.spec.trigger", "missing"),
            ],
        ),
    ],
)
def test_a_rule_with_faults_is_named_by_its_path(organization, why, change, expected):
    file = document()
    file["rules"][0] |= change

    assert faults(organization, file) == expected


def test_two_rules_cannot_share_a_code(organization):
    file = document()
    file["rules"] *= 2

    assert faults(organization, file) == [("rules", "code_taken")]


@pytest.mark.parametrize("file", [None, [], "text", 5, {}])
def test_what_is_no_program_file_is_refused(organization, file):
    assert faults(organization, file) != []


@pytest.mark.django_db(transaction=True)
def test_two_files_are_not_loaded_at_the_same_time():
    organization = open_organization("high-street")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            name = [f"program files of {organization.pk}"]
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
            with pytest.raises(Unavailable):
                load(organization, document())
            # A server lets go of the locks of a closed connection in its own time.
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)
    finally:
        other.close()

    assert Program.objects.count() == 0
    assert load(organization, document()) != []
    with transaction.atomic():
        assert try_advisory_lock("program files of nobody")


def test_a_dump_loads_into_another_organization_and_is_dumped_the_same(organization):
    create_program(organization_id=organization.pk)
    load(organization, document(TWO, settings={"expiry": {"type": "after", "days": 90}}))
    extra = {
        "code": "a-first",
        "name": "Morning coffee",
        "status": "paused",
        "versions": [
            {
                "effective_from": "2026-01-01T00:00:00+02:00",
                "spec": {
                    **ONE,
                    "effect": {"type": "multiplier", "times": "2.50"},
                    "conditions": [
                        {"type": "category", "categories": ["Coffee", ["Bakery", "Cake"]]},
                        {"type": "weekdays_and_hours", "from": "07:00", "to": "10:00"},
                    ],
                    "limits": {"per_member": {"day": 100}, "budget": 5000},
                    "stacking": {"exclusive_group": "mornings", "priority": 3},
                    "expires": {"type": "on", "date": "2027-07-06"},
                },
            }
        ],
    }
    load(organization, {**document(TWO), "rules": [extra]})
    first = dump(organization)
    text = json.dumps(first)

    other = open_organization("low-road", currency="EUR", country="FI")
    create_program(organization_id=other.pk)
    load(other, json.loads(text))

    assert dump(other) == first
    assert load(other, json.loads(text)) == []
    assert load(organization, json.loads(text)) == []

"""Challenges are written, changed, started and ended; a program file brings them along."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord
from loyalty.errors import ChallengeChanged, ChallengeInvalid, ProgramInvalid, StateChangeRefused
from loyalty.models import Challenge
from loyalty.services.challenge_settings import (
    ChallengeWish,
    add_challenge,
    change_challenge,
    set_challenge_status,
)
from loyalty.services.programs import dump_program, load_program
from rewards.errors import RewardNotOffered
from tests.challenges import challenge, runs, spec
from tests.shops import Shop

Status = Challenge.Status


def wish(**changes):
    said = {"name": "Three visits", "spec": spec(), **changes}
    return ChallengeWish(**said)


def add(shop: Shop, **changes):
    return add_challenge(program_id=shop.program.pk, wish=wish(**changes), actor=SYSTEM)


def become(of, status, **options):
    return set_challenge_status(challenge_id=of.pk, status=status, actor=SYSTEM, **options)


def test_a_new_challenge_is_a_draft_that_counts_nothing_until_it_is_started(shop, member):
    made = add(shop)
    shop.buys(member, "5.00")
    before = runs(shop, member)

    become(made, Status.ACTIVE)
    shop.buys(member, "5.00", at=timezone.now() + timedelta(seconds=1))

    assert (made.code, made.status, before) == ("three-visits", "draft", [])
    assert runs(shop, member) == [("three-visits", 1, False)]
    told = AuditRecord.objects.filter(subject="loyalty.challenge").order_by("pk")
    assert list(told.values_list("verb", "fields")) == [
        ("added", ["name", "versions"]),
        ("changed", ["status", "versions"]),
    ]


def test_a_draft_is_rewritten_and_a_running_one_gets_a_version(shop):
    made = add(shop)
    change_challenge(
        challenge_id=made.pk,
        wish=wish(name="Four", spec=spec(joining="opt_in"), seen=1),
        actor=SYSTEM,
    )
    become(made, Status.ACTIVE)

    later = timezone.now() + timedelta(days=1)
    change_challenge(
        challenge_id=made.pk, wish=wish(name="Four", counts_from=later, seen=3), actor=SYSTEM
    )

    made.refresh_from_db()
    versions = list(made.versions.order_by("number").values_list("number", "spec__joining"))
    assert made.name == "Four"
    assert [number for number, _joining in versions] == [1, 2, 3, 4]
    assert made.versions.get(number=4).effective_from == later


def test_two_who_change_it_at_once_do_not_overwrite_one_another(shop):
    made = add(shop)
    change_challenge(
        challenge_id=made.pk, wish=wish(spec=spec(returns="keep"), seen=1), actor=SYSTEM
    )

    with pytest.raises(ChallengeChanged):
        change_challenge(challenge_id=made.pk, wish=wish(seen=1), actor=SYSTEM)

    assert made.versions.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": {"type": "visits", "number": 0}}, "target.number"),
        ({"period": {"type": "after_joining", "days": 7}}, "spec"),
        ({"period": {"type": "fixed", "from": "2026-06-30", "until": "2026-06-01"}}, "period"),
        (
            {
                "target": {"type": "steps", "number": 3},
                "conditions": [{"type": "store", "stores": ["1"]}],
            },
            "spec",
        ),
        ({"gifts": [{"type": "badge", "badge": "A"}, {"type": "badge", "badge": "A"}]}, "spec"),
        ({"target": {"type": "activities", "kind": "custom", "number": 2}}, "target"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(shop, changes, field):
    with pytest.raises(ChallengeInvalid) as refusal:
        add(shop, spec=spec(**changes))

    assert [one["field"] for one in refusal.value.data["errors"]] == [field]
    assert Challenge.objects.count() == 0


def test_a_reward_that_there_is_not_keeps_a_challenge_from_being_started(shop):
    made = add(shop, spec=spec(gifts=[{"type": "voucher", "reward": "nothing"}]))

    with pytest.raises(RewardNotOffered):
        become(made, Status.ACTIVE)

    made.refresh_from_db()
    assert made.status == Status.DRAFT


def test_an_ended_challenge_stays_ended(shop):
    made = add(shop)
    become(made, Status.ENDED)

    with pytest.raises(StateChangeRefused):
        become(made, Status.ACTIVE)
    with pytest.raises(StateChangeRefused):
        change_challenge(challenge_id=made.pk, wish=wish(seen=1), actor=SYSTEM)

    assert made.versions.count() == 1


def test_a_pause_counts_nothing_and_what_was_reached_goes_on(shop, member):
    made = challenge(shop)
    shop.buys(member, "5.00")
    become(made, Status.PAUSED)
    shop.buys(member, "5.00")
    between = runs(shop, member)
    become(made, Status.ACTIVE)

    shop.buys(member, "5.00")

    assert between == [("three", 1, False)]
    assert runs(shop, member) == [("three", 2, False)]


def test_a_file_brings_challenges_and_levels_and_loading_it_again_changes_nothing(shop):
    add(shop)
    levels = {"counts": "challenges", "steps": [{"name": "Explorer", "needed": 3}]}
    document = dump_program(organization_id=shop.organization.pk)
    document["program"]["settings"]["levels"] = levels
    document["challenges"][0]["status"] = "active"

    first = load_program(organization_id=shop.organization.pk, document=document)
    again = load_program(
        organization_id=shop.organization.pk,
        document=dump_program(organization_id=shop.organization.pk),
    )

    assert first.changes == ["program.settings", "challenges.three-visits"]
    assert again.changes == []
    assert first.program.terms.levels.steps[0].name == "Explorer"


def test_a_file_may_not_change_what_members_have_begun_by(shop, member):
    challenge(shop)
    shop.buys(member, "5.00")
    document = dump_program(organization_id=shop.organization.pk)
    document["challenges"][0]["versions"] = [
        {"effective_from": "1999-01-01T00:00:00Z", "spec": spec(returns="keep")}
    ]

    with pytest.raises(ProgramInvalid) as refusal:
        load_program(organization_id=shop.organization.pk, document=document)

    assert [one["code"] for one in refusal.value.data["errors"]] == ["version_too_early"]

import pytest

from loyalty.earning.vocabulary.limits import LimitKind, Room
from tests.loyalty.earning.making import (
    DOUBLE,
    ONE_PER_POUND,
    bonus,
    earn,
    fixed,
    line,
    receipt,
    rule,
    why,
)

GROUP = {"exclusive_group": "one of these"}


@pytest.mark.proves("case 9")
@pytest.mark.parametrize(
    ("reason", "rules", "winner"),
    [
        ("more points win", [bonus(20, key="a", **GROUP), bonus(30, key="b", **GROUP)], "b"),
        (
            "more points win over priority",
            [bonus(20, key="a", priority=9, **GROUP), bonus(30, key="b", **GROUP)],
            "b",
        ),
        (
            "priority breaks a tie",
            [bonus(30, key="a", **GROUP), bonus(30, key="b", priority=1, **GROUP)],
            "b",
        ),
        (
            "at a full tie the first counts, never the newest",
            [bonus(30, key="a", **GROUP), bonus(30, key="b", **GROUP)],
            "a",
        ),
        (
            "a multiplier stands against a bonus",
            [rule(DOUBLE, key="a", stacking=GROUP), bonus(30, key="b", **GROUP)],
            "a",
        ),
        ("without a rival the group changes nothing", [bonus(20, key="a", **GROUP)], "a"),
    ],
)
def test_of_an_exclusive_group_the_best_for_the_member_counts(reason, rules, winner):
    outcome = earn(receipt(line("50.00")), rule(), *rules)

    assert [award.rule for award in outcome.awards] == ["rule", winner]
    assert [why(rule) for rule in outcome.not_applied] == [["better_rule"]] * (len(rules) - 1)


@pytest.mark.proves("case 9")
def test_best_is_what_the_member_really_gets():
    room = {"a": Room(10, LimitKind.BUDGET)}

    outcome = earn(
        receipt(line("50.00")),
        bonus(100, key="a", **GROUP),
        bonus(30, key="b", **GROUP),
        room=room,
    )

    assert [award.rule for award in outcome.awards] == ["b"]
    assert outcome.not_applied[0].why[0].params == {
        "rule": "b",
        "given": 30,
        "instead_of": 10,
    }


def test_base_rules_rival_base_rules_before_anything_is_multiplied():
    poor = rule(ONE_PER_POUND, key="poor", stacking=GROUP)
    rich = fixed(80, key="rich", stacking=GROUP)

    outcome = earn(receipt(line("50.00")), poor, rich, rule(DOUBLE, key="double"))

    assert [(award.rule, award.awarded) for award in outcome.awards] == [
        ("rich", 80),
        ("double", 80),
    ]


def test_groups_of_other_names_do_not_meddle():
    outcome = earn(
        receipt(line("50.00")),
        bonus(20, key="a", exclusive_group="left"),
        bonus(30, key="b", exclusive_group="right"),
        bonus(40, key="c"),
    )

    assert outcome.points == 90

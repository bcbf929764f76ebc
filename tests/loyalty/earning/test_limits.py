import pytest

from loyalty.earning.vocabulary.limits import LimitKind, Limits, Room, room_left

DAY, EVER, BUDGET = LimitKind.DAY, LimitKind.EVER, LimitKind.BUDGET


@pytest.mark.proves("case 5")
@pytest.mark.parametrize(
    ("reason", "limits", "given", "room"),
    [
        ("no limit is endless room", {}, {}, None),
        ("a cap per purchase needs no history", {"per_purchase": 5}, {}, None),
        ("nothing given yet", {"per_member": {"day": 200}}, {}, Room(200, DAY)),
        ("some given", {"per_member": {"day": 200}}, {DAY: 170}, Room(30, DAY)),
        ("more given than allowed now", {"budget": 100}, {BUDGET: 120}, Room(0, BUDGET)),
        (
            "the tightest counts",
            {"per_member": {"day": 200, "ever": 300}, "budget": 1000},
            {DAY: 0, EVER: 250, BUDGET: 10},
            Room(50, EVER),
        ),
    ],
)
def test_the_tightest_limit_is_the_room(reason, limits, given, room):
    assert room_left(Limits.model_validate(limits), given) == room

"""Two tills, or two clicks, at the same challenge in the same moment."""

from functools import partial

import pytest

from core.actors import SYSTEM
from loyalty.errors import ChallengeJoined
from loyalty.models import ChallengeCompletion, ChallengeRun
from loyalty.services.challenge_joining import join_challenge
from loyalty.services.challenges_audit import disagreements
from tests.challenges import HUNDRED, challenge, runs
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

TWO = {"type": "visits", "number": 2}


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def buying_at_once(shop, member):
    """Let three tills ring up for one member, of which the second completes the challenge."""
    drafts = [shop.draft(member, "5.00") for _till in range(3)]
    return race(*(partial(shop.records, draft) for draft in drafts))


@pytest.mark.proves("C13")
def test_tills_that_complete_it_at_once_give_one_gift(shop):
    challenge(shop, target=TWO, gifts=[HUNDRED])
    for serial in range(3):
        member = shop.member(f"+44740012345{serial}")

        buying_at_once(shop, member)

        assert runs(shop, member) == [("three", 3, True)]
        assert shop.balance(member) == 3 * 5 + 100
    assert ChallengeCompletion.objects.count() == 3
    assert disagreements(shop.organization.pk) == []
    assert_audit_is_clean()


def test_without_locks_progress_would_be_lost(shop, monkeypatch):
    challenge(shop, target=TWO, gifts=[HUNDRED])
    forget_locks(monkeypatch)

    def goes_wrong(serial):
        member = shop.member(f"+4474001234{serial:02}")
        shop.buys(member, "5.00")
        buying_at_once(shop, member)
        return runs(shop, member) != [("three", 4, True)]

    assert seen(goes_wrong, tries=5)


def test_two_clicks_join_once(shop):
    what = challenge(shop, joining="opt_in")
    member = shop.member()
    joining = partial(join_challenge, challenge_id=what.pk, member_id=member.pk, actor=SYSTEM)

    answers = race(joining, joining)

    assert sorted(type(one).__name__ for one in answers) == ["ChallengeJoined", "ChallengeRun"]
    assert ChallengeRun.objects.count() == 1
    assert isinstance(
        next(one for one in answers if not isinstance(one, ChallengeRun)), ChallengeJoined
    )

"""Pictures that nothing shows any more are deleted at night, and no other."""

import time
from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Picture
from core.pictures import digest_of, draw
from core.services import pictures
from core.services.nights import run_nights
from core.services.pictures import forget_unused_pictures, keep_picture
from rewards.catalog_document import RewardPart
from rewards.services.catalog import save_reward
from tests.pictures import painted
from tests.racing import PAUSE_SECONDS, race
from tests.shops import assert_audit_is_clean, open_shop

RED, BLUE = (draw(painted(60, 40, color=color)) for color in ("#cc0000", "#0000cc"))
TEA = RewardPart(code="tea", name="Tea", points=10)


@pytest.fixture
def shop(db):
    return open_shop()


def shown(shop, reward=None, picture=None, **options):
    """Save a reward of the shop with a picture."""
    return save_reward(
        program_id=shop.program.pk,
        part=TEA,
        actor=SYSTEM,
        reward_id=reward and reward.pk,
        picture=picture,
        **options,
    )


def forget(shop, **options):
    return forget_unused_pictures(organization_id=shop.organization.pk, **options)


def kept():
    return set(Picture.objects.values_list("digest", flat=True))


def test_the_night_deletes_a_picture_that_was_replaced_and_keeps_the_one_that_is_shown(shop):
    tea = shown(shop, picture=RED)
    shown(shop, tea, picture=BLUE)
    assert len(kept()) == 2

    run_nights(now=timezone.now() + timedelta(days=1))

    assert kept() == {digest_of(shop.organization.pk, BLUE)}


def test_a_picture_that_was_taken_away_goes(shop):
    shown(shop, shown(shop, picture=RED), drops_picture=True)

    forget(shop)

    assert kept() == set()


def test_a_picture_stays_for_the_other_reward_that_shows_it(shop):
    tea = shown(shop, picture=RED)
    shown(shop, picture=RED)
    shown(shop, tea, picture=BLUE)

    forget(shop)

    assert len(kept()) == 2


def test_each_organization_keeps_its_own_copy(shop):
    other = open_shop("other")
    mine, theirs = shown(shop, picture=RED), shown(other, picture=RED)
    shown(shop, mine, drops_picture=True)

    forget(other)
    assert len(kept()) == 2
    forget(shop)

    assert kept() == {theirs.picture_id}


def test_many_pictures_go_in_chunks(shop):
    for color in ("#111111", "#222222", "#333333"):
        keep_picture(organization_id=shop.organization.pk, drawn=draw(painted(8, 8, color=color)))
    last = Picture.objects.order_by("pk").last()

    reached = forget(shop, chunk=2)
    assert (len(kept()), reached is not None) == (1, True)

    assert forget(shop, after=reached, chunk=2) is None
    assert not Picture.objects.filter(pk=last.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_forgetting_asks_a_fixed_number_of_questions(shop, count, django_assert_num_queries):
    for number in range(count):
        drawn = draw(painted(8, 8, color=f"#{number}{number}{number}"))
        keep_picture(organization_id=shop.organization.pk, drawn=drawn)

    with django_assert_num_queries(6):
        forget(shop)


# --- a picture that is put in use again at the same moment ---------------------------------------


def used_while_it_is_forgotten(monkeypatch):
    """Show a picture again while it is forgotten: the forgetting begins once it was looked up."""
    shop = open_shop()
    tea = shown(shop, shown(shop, picture=RED), drops_picture=True)
    is_found, save = Event(), pictures._is_locked

    def found(picture):
        is_there = save(picture)
        is_found.set()
        time.sleep(PAUSE_SECONDS)
        return is_there

    def later():
        assert is_found.wait(10)
        return forget(shop)

    monkeypatch.setattr(pictures, "_is_locked", found)
    return race(partial(shown, shop, tea, picture=RED), later)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_shown_again_at_that_moment_stays(monkeypatch):
    reward, _forgotten = used_while_it_is_forgotten(monkeypatch)

    assert kept() == {reward.picture_id}
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_its_lock_it_would_be_gone_under_the_hand_of_who_shows_it(monkeypatch):
    """The control: the reward would name a picture that is not there, which the key refuses."""
    monkeypatch.setattr(pictures, "_is_locked", lambda _picture: True)

    refused, _forgotten = used_while_it_is_forgotten(monkeypatch)

    assert type(refused).__name__ == "IntegrityError"
    assert kept() == set()


def forgotten_while_it_is_used(monkeypatch):
    """Forget a picture, and ask for it once it is locked to be deleted."""
    shop = open_shop()
    tea = shown(shop, shown(shop, picture=RED), drops_picture=True)
    is_locked, unlocked = Event(), pictures.unlocked

    def slow(rows):
        found = unlocked(rows)
        list(found)
        is_locked.set()
        time.sleep(PAUSE_SECONDS)
        return found

    def later():
        assert is_locked.wait(10)
        return shown(shop, tea, picture=RED)

    monkeypatch.setattr(pictures, "unlocked", slow)
    return race(partial(forget, shop), later)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_picture_that_was_just_forgotten_is_kept_anew(monkeypatch):
    _forgotten, reward = forgotten_while_it_is_used(monkeypatch)

    assert kept() == {reward.picture_id}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_looking_again_it_would_not_be_there(monkeypatch):
    """The control: it was found, then deleted, and nobody asked whether it is still there."""
    monkeypatch.setattr(pictures, "_is_locked", lambda _picture: True)

    _forgotten, refused = forgotten_while_it_is_used(monkeypatch)

    assert type(refused).__name__ == "IntegrityError"


def shown_between_question_and_lock(monkeypatch):
    """Show a picture after it was found unused and before it was locked."""
    shop = open_shop()
    tea = shown(shop, shown(shop, picture=RED), drops_picture=True)

    def slow(rows):
        found = list(rows.values_list("pk", flat=True))
        race(partial(shown, shop, tea, picture=RED))
        return Picture.objects.filter(pk__in=found).select_for_update(skip_locked=True)

    monkeypatch.setattr(pictures, "unlocked", slow)
    return race(partial(forget, shop))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_picture_that_came_into_use_before_its_lock_is_found_by_asking_once_more(monkeypatch):
    assert shown_between_question_and_lock(monkeypatch) == [None]

    assert len(kept()) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_asking_once_more_the_key_alone_would_stand_in_the_way(monkeypatch):
    """The control: what was found unused is deleted, although it is shown by now."""
    unused = pictures._unused

    class Once:
        """Answers with what was unused when it was asked the first time."""

        def __init__(self, organization_id):
            self.rows = unused(organization_id)

        def filter(self, **conditions):
            if "pk__in" in conditions:
                return Picture.objects.filter(**conditions)
            return self.rows.filter(**conditions)

    monkeypatch.setattr(pictures, "_unused", Once)

    [refused] = shown_between_question_and_lock(monkeypatch)

    assert type(refused).__name__ in {"ProtectedError", "IntegrityError"}

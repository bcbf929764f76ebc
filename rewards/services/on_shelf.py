"""Takes one reward from the shelf: every condition is asked again under its lock.

What stands in the way is told in this order: ``reward_not_offered`` (also to whom it is hidden),
``not_yet_offered``, ``no_longer_offered``, ``not_eligible``, ``not_in_this_store``,
``choice_required``, ``choice_unknown``, ``sold_out``, ``limit_reached``; then what the ledger and
the household say: ``insufficient_points``, ``points_held``. A choice is asked the same questions
as the reward that offers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from django.db.models import Count, Max

from core.locking import lock_all
from core.models import Store
from members.models import Member
from rewards.catalog_errors import ChoiceRequired, ChoiceUnknown
from rewards.errors import SoldOut
from rewards.models import LIVE, Redemption, Reward
from rewards.services.eligibility import Visitor, refuse_hidden, refuse_ineligible, visitors
from rewards.services.limits import refuse_beyond_own_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants which reward, where; ``choice`` is the public id of one of several."""

    reward_id: int
    member: Member
    account_id: int | None
    now: datetime
    store_id: int | None = None
    choice: UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What is given, out of which choice, for whose price, and with which number of its edition."""

    reward: Reward
    priced: Reward
    serial: int | None

    @property
    def chosen_from(self) -> Reward | None:
        """Return the reward that offered the choice, if there was one."""
        return None if self.priced is self.reward else self.priced


def refuse_unknown(wish: Wish) -> None:
    """Refuse what this member may not know of, before anything else of it shows; takes no lock."""
    reward = Reward.objects.select_related("program__organization").get(pk=wish.reward_id)
    refuse_hidden(reward, _visitor(wish, [reward])[reward.pk])


def take_from_shelf(wish: Wish) -> Taken:
    """Take one from the stock, under the locks of the reward and of what was chosen."""
    parent, option = _locked(wish)
    wanted = [parent] if option is None else [parent, option]
    visits = _visitor(wish, wanted)
    store = _store_code(wish.store_id)
    refuse_hidden(parent, visits[parent.pk])
    refuse_ineligible(parent, visits[parent.pk], store=store, now=wish.now)
    _refuse_odd_choice(wish, parent, option)
    if option is not None:
        refuse_ineligible(option, visits[option.pk], store=store, now=wish.now)
    for reward in wanted:
        refuse_sold_out(reward)
    zone = parent.program.organization.zone
    refuse_beyond_own_limit(wish.member, wanted, zone, wish.now)
    given = option or parent
    serial = next_serial(given)
    lower_stock(wanted)
    return Taken(given, parent, serial)


def refuse_sold_out(reward: Reward) -> None:
    """Refuse what there is none left of."""
    if reward.stock == 0:
        raise SoldOut


def lower_stock(rewards: Sequence[Reward]) -> None:
    """Take one of each from what is left, under their locks."""
    for reward in rewards:
        if reward.stock is not None:
            reward.stock -= 1
            reward.save(update_fields=["stock"])


def next_serial(reward: Reward) -> int | None:
    """Return the lowest number of a limited edition that nobody holds, under the reward's lock."""
    if not reward.is_limited_edition:
        return None
    held = Redemption.objects.filter(reward=reward, status__in=LIVE, serial__isnull=False)
    told = held.aggregate(how_many=Count("pk"), highest=Max("serial"))
    if told["how_many"] == (told["highest"] or 0):
        following: int = told["how_many"] + 1
        return following
    numbers = set(held.values_list("serial", flat=True))
    return next(number for number in count(1) if number not in numbers)


def _locked(wish: Wish) -> tuple[Reward, Reward | None]:
    """Lock the reward and, if it is a choice, what was chosen of the same program."""
    known = Reward.objects.get(pk=wish.reward_id)
    pks = {known.pk}
    if wish.choice is not None and known.options:
        chosen = Reward.objects.filter(program=known.program_id, public_id=wish.choice)
        pks.update(chosen.values_list("pk", flat=True))
    locked = lock_all(Reward, pks, "program__organization")
    parent = locked.pop(known.pk)
    return parent, next(iter(locked.values()), None)


def _refuse_odd_choice(wish: Wish, parent: Reward, option: Reward | None) -> None:
    """Refuse no choice where one is asked for, and one that is not among those on offer."""
    if parent.options and wish.choice is None:
        raise ChoiceRequired(choices=_choices(wish, parent))
    if wish.choice is None:
        return
    is_offered = (
        option is not None
        and option.code in parent.options
        and option.status == Reward.Status.ACTIVE
        and _visitor(wish, [option])[option.pk].may_know_of(option)
    )
    if not is_offered:
        raise ChoiceUnknown


def _choices(wish: Wish, parent: Reward) -> list[str]:
    """Return what this member may choose from, in the order of the shop."""
    known = Reward.objects.filter(
        program=parent.program_id, code__in=parent.options, status=Reward.Status.ACTIVE
    )
    rewards = sorted(known, key=lambda one: parent.options.index(one.code))
    visits = _visitor(wish, rewards)
    return [str(one.public_id) for one in rewards if visits[one.pk].may_know_of(one)]


def _visitor(wish: Wish, rewards: Sequence[Reward]) -> dict[int, Visitor]:
    """Return the member as they stand before each of these rewards of one program."""
    program_id = rewards[0].program_id if rewards else 0
    accounts = {program_id: wish.account_id} if wish.account_id is not None else {}
    found = visitors(wish.member, accounts, rewards, wish.now)
    return {reward.pk: found.get(reward.program_id, Visitor()) for reward in rewards}


def _store_code(store_id: int | None) -> str | None:
    if store_id is None:
        return None
    code: str = Store.objects.values_list("code", flat=True).get(pk=store_id)
    return code

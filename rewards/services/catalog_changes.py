"""Brings one reward to what its document says: unsaved, and judged against what there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from core.currencies import decimals_of
from core.models import Store
from members.models import Group
from rewards.catalog_document import RewardPart
from rewards.catalog_errors import AudienceUnknown, CategoryUnknown, OptionUnknown, ShopUnknown
from rewards.errors import AmountTooFine, NoSuchDraw, StockBelowTaken
from rewards.kinds import DrawTicket, amount_of, details_of
from rewards.models import LIVE, Draw, Redemption, Reward, RewardCategory

AS_WRITTEN = (
    "name",
    "kind",
    "picture_alt",
    "description",
    "terms",
    "valid_days",
    "points",
    "price_money",
    "cost",
    "is_for_points",
    "status",
    "starts_on",
    "ends_on",
    "shown_to_all",
    "limit_count",
    "limit_period",
    "is_limited_edition",
    "is_combinable",
    "goodwill_days",
    "undo_minutes",
)
CODES = ("stores", "tiers", "groups")
MONEY = ("amount", "price_money", "cost")
LIMIT = ("limit_count", "limit_period")


def change(reward: Reward, part: RewardPart, *, without: Collection[str] = ()) -> list[str]:
    """Bring the reward to what the part says, unsaved; return the fields that changed.

    Raises ``AmountTooFine``, ``StockBelowTaken``, and for names that there are not
    ``CategoryUnknown``, ``ShopUnknown``, ``AudienceUnknown`` or ``NoSuchDraw``.
    """
    wanted = {name: value for name, value in _values(reward, part).items() if name not in without}
    fields = [name for name, value in wanted.items() if getattr(reward, name) != value]
    for name in fields:
        setattr(reward, name, wanted[name])
    _refuse_fractions(reward)
    _refuse_strangers(reward, fields)
    if not {*LIMIT}.isdisjoint(fields):
        reward.limited_since = timezone.now() if reward.limit_count else None
        fields.append("limited_since")
    if reward.stock_initial != part.stock:
        _restock(reward, part.stock)
        fields += ["stock", "stock_initial"]
    return fields


def refuse_odd_options(reward: Reward) -> None:
    """Refuse a choice of what the program does not have, or of choices; ``option`` names it."""
    known = dict(Reward.objects.filter(program=reward.program_id).values_list("code", "kind"))
    choice: str = Reward.Kind.CHOOSE_ONE
    for option in reward.options:
        if known.get(option, choice) == choice:
            raise OptionUnknown(option=option)
    if reward.options and _is_an_option(reward):
        raise OptionUnknown(option=reward.code)


def taken(reward: Reward) -> int:
    """Return how many are gone from the stock: taken and kept, alone or out of a choice."""
    how_many: int = _taken_of(reward).count()
    return how_many


def _values(reward: Reward, part: RewardPart) -> dict[str, Any]:
    promise = part.promise
    category = _category(reward.program_id, part.category)
    return {
        **{name: getattr(part, name) for name in AS_WRITTEN},
        **{name: list(getattr(part, name)) for name in CODES},
        "amount": amount_of(promise),
        "details": details_of(promise),
        "category_id": category.pk if category else None,
    }


def _category(program_id: int, code: str | None) -> RewardCategory | None:
    if code is None:
        return None
    found = RewardCategory.objects.filter(program_id=program_id, code=code).first()
    if found is None:
        raise CategoryUnknown
    return found


def _refuse_fractions(reward: Reward) -> None:
    decimals = decimals_of(reward.program.organization.currency)
    told = {name: getattr(reward, name) for name in MONEY}
    told["minimum"] = getattr(reward.promise, "minimum", None)
    for name, amount in told.items():
        if amount is not None and amount != round(amount, decimals):
            raise AmountTooFine(field=name, decimals=decimals)


def _refuse_strangers(reward: Reward, fields: Collection[str]) -> None:
    """Refuse stores, groups and draws that there are not; tiers may come with the next ladder."""
    organization_id = reward.program.organization_id
    if "stores" in fields and _missing(
        reward.stores, Store.objects.filter(organization_id=organization_id)
    ):
        raise ShopUnknown
    if "groups" in fields and _missing(
        reward.groups, Group.objects.filter(organization_id=organization_id)
    ):
        raise AudienceUnknown
    promise = reward.promise
    if "details" in fields and isinstance(promise, DrawTicket):
        draws = Draw.objects.filter(program=reward.program_id, code=promise.draw)
        if not draws.exists():
            raise NoSuchDraw(draw=promise.draw)


def _missing(codes: Iterable[str], rows: Any) -> set[str]:
    wanted = set(codes)
    return wanted - set(rows.filter(code__in=wanted).values_list("code", flat=True))


def _restock(reward: Reward, stock: int | None) -> None:
    """Set how many there are in all; what was taken stays taken, and so does its number."""
    left = None if stock is None else stock - taken(reward)
    highest = _taken_of(reward).aggregate(highest=Max("serial"))["highest"] or 0
    if left is not None and (left < 0 or (stock or 0) < highest):
        raise StockBelowTaken
    reward.stock, reward.stock_initial = left, stock


def _taken_of(reward: Reward) -> Any:
    """Return what came out of the stock; what was granted did not, and of a new reward nothing."""
    if not reward.pk:  # nothing points at it yet, but most redemptions came out of no choice
        return Redemption.objects.none()
    return Redemption.objects.filter(
        Q(reward_id=reward.pk) | Q(chosen_from_id=reward.pk), status__in=LIVE, grant__isnull=True
    )


def _is_an_option(reward: Reward) -> bool:
    others = Reward.objects.filter(program=reward.program_id, kind=Reward.Kind.CHOOSE_ONE)
    return others.filter(details__options__contains=[reward.code]).exclude(pk=reward.pk).exists()

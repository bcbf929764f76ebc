"""What members and cashiers see of rewards that are picked up or sent, finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from babel import Locale
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy, to_locale
from django.utils.translation import gettext as _

from core.keyed_forms import new_key
from core.models import Store
from core.services.organizations import NOT_COUNTRIES
from core.templatetags.formats import day, last_day
from members.models import Member
from rewards.addresses import Address
from rewards.fulfillment_queries import fulfillment_on, fulfillments_with
from rewards.kind_words import number_in_edition
from rewards.models import Fulfillment, Redemption, Reward
from rewards.voucher_codes import grouped

Status = Fulfillment.Status
PICKUP, SHIPPING = Reward.Delivery.PICKUP, Reward.Delivery.SHIPPING
COUNTRY_LENGTH = 2
ON_THE_WAY = (Status.WAITING, Status.OPEN, Status.READY)
ICONS = {PICKUP: "building-storefront", SHIPPING: "truck"}
STEPS: dict[str, tuple[str | Promise, ...]] = {
    PICKUP: (
        gettext_lazy("Packing"),
        pgettext_lazy("a reward", "Ready"),
        gettext_lazy("Picked up"),
    ),
    SHIPPING: (
        gettext_lazy("Packing"),
        gettext_lazy("Packed"),
        pgettext_lazy("a parcel", "Sent"),
    ),
}
REACHED = {Status.OPEN: 0, Status.READY: 1, Status.DONE: 2}


_IS_THEIR_TURN = Q(status=Status.WAITING) | Q(status=Status.READY, method=PICKUP)


@dataclass(frozen=True, slots=True)
class DeliveryStep:
    """One of the few steps until a reward is there."""

    title: str | Promise
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """How far a reward is, in plain words, and the one thing that can be done about it."""

    title: str
    icon: str
    text: str = ""
    steps: Sequence[DeliveryStep] = ()
    lines: Sequence[str] = ()
    is_ready_here: bool = False
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    needs_answer: bool = False
    where_url: str = ""
    ask: str = ""
    state: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class PickupRow:
    """A reward that waits at this store; ``key`` is that of the form that hands it over."""

    voucher: UUID
    reward: str
    number: str
    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Pickups:
    """What waits for a member: here, and what can be said of the rest."""

    here: Sequence[PickupRow] = ()
    elsewhere: Sequence[str] = ()


NO_PICKUPS = Pickups()


def country_names() -> dict[str, str]:
    """Return what countries are called in the reader's language, by their codes."""
    named = Locale.parse(to_locale(get_language() or "en")).territories
    return {
        code: name
        for code, name in named.items()
        if len(code) == COUNTRY_LENGTH and code.isalpha() and code not in NOT_COUNTRIES
    }


def address_lines(address: Address) -> list[str]:
    """Return an address as it is written, its country in words."""
    if address.is_empty:
        return []
    *lines, country = address.lines
    return [*lines, country_names().get(country, country)]


def followed_at(tracking: str) -> str:
    """Return where a parcel can be followed, when its number is an address itself."""
    return tracking if tracking.startswith("https://") else ""


def delivery_view(found: Fulfillment, slug: str) -> DeliveryView:
    """Return how far a reward is, as its member reads it."""
    title, text = _told(found)
    may_say = found.status in (Status.WAITING, Status.OPEN)
    where_url = reverse("portal:where", args=[slug, found.redemption.public_id])
    is_sent = found.method == SHIPPING and not found.is_over
    return DeliveryView(
        title=title,
        icon=ICONS[Reward.Delivery(found.method)],
        text=text,
        steps=_steps(found),
        lines=address_lines(found.address) if is_sent else (),
        is_ready_here=found.method == PICKUP and found.status == Status.READY,
        carrier=found.carrier,
        tracking=found.tracking,
        tracking_url=followed_at(found.tracking),
        needs_answer=found.status == Status.WAITING,
        where_url=where_url if may_say else "",
        ask=_ask(found),
        state=found.status,
        label=str(found.get_status_display()),
    )


def deliveries_that_wait(member: Member, slug: str) -> list[tuple[str, str, DeliveryView]]:
    """Return what a member has to answer or to fetch: its name, where to do that, how far it is."""
    told = []
    for found in fulfillments_with(member).filter(_IS_THEIR_TURN):
        view = delivery_view(found, slug)
        shown = reverse("portal:voucher", args=[slug, found.redemption.public_id])
        told.append((found.redemption.name, view.where_url or shown, view))
    return told


def pickups_of(member: Member, store: Store) -> Pickups:
    """Return what waits for a member, as the cashier of a store may hand it over or tell of it."""
    waiting = fulfillments_with(member).filter(status__in=ON_THE_WAY, method=PICKUP)
    here = [one for one in waiting if one.status == Status.READY and one.store_id == store.pk]
    rest = [one for one in waiting if one not in here]
    return Pickups([_pickup(one) for one in here], [_elsewhere(one, store) for one in rest])


def where_it_goes(redemption: Redemption) -> str:
    """Say what becomes of a reward that was taken at a till and not handed over there."""
    found = fulfillment_on(redemption)
    if found is None or found.is_over:
        return ""
    if found.method == PICKUP:
        return _("It is put aside for them at %(store)s.") % {"store": str(found.store or "")}
    if found.status == Status.WAITING:
        return _("It is sent to them, once they have given the address in their portal.")
    return _("It is sent to the address that they gave.")


def _pickup(found: Fulfillment) -> PickupRow:
    redemption = found.redemption
    return PickupRow(
        voucher=redemption.voucher.public_id,
        reward=redemption.name,
        number=number_in_edition(redemption.serial, redemption.serial_of),
        code=grouped(redemption.voucher.code),
        key=new_key(),
    )


def _elsewhere(found: Fulfillment, here: Store) -> str:
    told = {"reward": found.redemption.name, "store": str(found.store or "")}
    if found.status == Status.WAITING:
        sentence = _("%(reward)s: they have not said yet where they pick it up.")
    elif found.status == Status.READY:
        sentence = _("%(reward)s lies ready at %(store)s.")
    elif found.store_id == here.pk:
        sentence = _("%(reward)s is to be picked up here, and still has to be packed.")
    else:
        sentence = _("%(reward)s is being packed, to be picked up at %(store)s.")
    return sentence % told


def _told(found: Fulfillment) -> tuple[str, str]:
    """Return the state as a title and a sentence."""
    if found.status == Status.CANCELED:
        return _("This was canceled"), ""
    return _sent(found) if found.method == SHIPPING else _fetched(found)


def _sent(found: Fulfillment) -> tuple[str, str]:
    match found.status:
        case Status.WAITING:
            return _("Where shall we send it?"), _until(found)
        case Status.OPEN:
            return _("We are packing it"), _("It goes to this address:")
        case Status.READY:
            return _("It is packed"), _("It leaves soon, to this address:")
    assert found.done_at is not None, "what was sent says when"
    return _("Sent on %(day)s") % {"day": day(found.done_at)}, ""


def _fetched(found: Fulfillment) -> tuple[str, str]:
    used_in = found.redemption.voucher.used_in
    told = {"store": str(found.store or used_in or "")}
    match found.status:
        case Status.WAITING:
            return _("Where will you pick it up?"), _until(found)
        case Status.OPEN:
            return _("We are packing it"), _(
                "You can pick it up at %(store)s once it is ready."
            ) % told
        case Status.READY:
            return _("Ready at %(store)s") % told, ""
    assert found.done_at is not None, "what was picked up says when"
    title = _("Picked up on %(day)s") % {"day": day(found.done_at)}
    return title, str(used_in or "")


def _until(found: Fulfillment) -> str:
    end = found.redemption.voucher.valid_until
    if end is None:
        return _("Tell us, and we begin to pack.")
    return _("Tell us by %(day)s, and we begin to pack.") % {"day": last_day(end)}


def _ask(found: Fulfillment) -> str:
    if found.method == SHIPPING:
        is_first = found.status == Status.WAITING
        return _("Give the address") if is_first else _("Change the address")
    return _("Choose the store") if found.status == Status.WAITING else _("Choose another store")


def _steps(found: Fulfillment) -> list[DeliveryStep]:
    if found.status not in REACHED:
        return []
    at, is_over = REACHED[Status(found.status)], found.status == Status.DONE
    return [
        DeliveryStep(title, is_done=place < at or is_over, is_current=place == at)
        for place, title in enumerate(STEPS[found.method])
    ]

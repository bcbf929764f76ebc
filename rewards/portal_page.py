"""What the portal's pages show, finished: the card, what matters now, rewards and vouchers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.formats import day, number
from loyalty.activity import Activity, activities, caused_by
from loyalty.balances import Balance, Expiring
from loyalty.earning.wording import Wording
from loyalty.expiry import last_instant
from loyalty.models import Entry
from loyalty.queries import next_pending
from loyalty.services.household_limits import Share, share_of
from members.card_images import bars, qr_code
from members.models import Member, MemberStatus
from members.queries import card_number
from rewards.kind_words import WHAT_TO_DO, kind_worth
from rewards.kinds import Access
from rewards.models import Voucher
from rewards.queries import purse_of, reward_names
from rewards.services.redemption_answers import access_on
from rewards.services.shelf import Offer
from rewards.voucher_codes import grouped, image

MATTERS_MAX = 3
EXPIRING_SOON = timedelta(days=60)
_GROUP = 4


@dataclass(frozen=True, slots=True)
class CardView:
    """The member's card: what they have, and how a till reads it."""

    name: str
    balance: Balance
    coming: Expiring | None
    last_day: datetime | None
    is_blocked: bool
    number: str
    qr: str
    bars: str
    awaiting: Expiring | None = None  # the purchase to be settled
    worth: Decimal | None = None
    share: Share | None = None
    may_need_proof: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is worth knowing today."""

    icon: str
    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher: what it is for, and whether it still counts."""

    url: str
    reward: str
    state: str
    label: str
    is_open: bool
    code: str
    issued_at: datetime
    used_at: datetime | None
    last_day: datetime | None
    store: str
    terms: str
    qr: str = ""
    worth: str = ""
    what_to_do: str = ""
    picture: str = ""
    alt: str = ""
    price_money: Decimal | None = None
    serial: int | None = None
    serial_of: int | None = None
    access: Access | None = None


def card_of(member: Member) -> CardView:
    """Return the member's card with everything on it."""
    purse = purse_of(member, member.organization.currency)
    balance = purse.balance
    card = card_number(member) or ""
    ending = balance.next_expiry
    return CardView(
        name=member.name,
        balance=balance,
        coming=next_pending(member) if balance.pending else None,
        awaiting=next_pending(member, awaits_event=True) if balance.pending else None,
        last_day=last_instant(ending.at) if ending else None,
        is_blocked=member.status == MemberStatus.BLOCKED,
        number=" ".join(card[at : at + _GROUP] for at in range(0, len(card), _GROUP)),
        qr=qr_code(card) if card else "",
        bars=bars(card) if card else "",
        worth=purse.worth,
        share=share_of(member, now=timezone.now()),
        may_need_proof=purse.may_need_proof,
    )


def what_matters(member: Member, card: CardView, offers: Sequence[Offer]) -> list[Matter]:
    """Return the few things that a member would like to know now, the nicest first."""
    slug = member.organization.slug
    told = (
        _within_reach(offers, reverse("portal:rewards", args=[slug])),
        _ending(card, reverse("portal:rewards", args=[slug])),
        _coming(card, reverse("portal:activity", args=[slug])),
        _awaiting(card, reverse("portal:activity", args=[slug])),
    )
    return [matter for matter in told if matter is not None][:MATTERS_MAX]


def activities_of(member: Member, entries: Iterable[Entry]) -> list[Activity]:
    """Return entries as members read them, rewards by their names."""
    shown = list(entries)
    organization = member.organization
    names = reward_names(organization, caused_by(shown, "redemption"))
    return activities(organization, shown, rewards=names)


def voucher_view(voucher: Voucher, slug: str, *, with_image: bool = False) -> VoucherView:
    """Return a voucher as its member sees it."""
    redemption = voucher.redemption
    assert redemption is not None, "what a member holds was redeemed"
    member, promise = redemption.member, redemption.promise
    is_open = voucher.status == Voucher.Status.ISSUED
    if is_open and voucher.valid_until is not None and voucher.valid_until <= timezone.now():
        voucher.status, is_open = Voucher.Status.EXPIRED, False  # whether or not the job has run
    return VoucherView(
        url=reverse("portal:voucher", args=[slug, redemption.public_id]),
        reward=redemption.name,
        state=voucher.status,
        label=str(voucher.get_status_display()),
        is_open=is_open,
        code=grouped(voucher.code),
        issued_at=voucher.issued_at,
        used_at=voucher.used_at,
        last_day=last_instant(voucher.valid_until) if voucher.valid_until else None,
        store=voucher.used_in.name if voucher.used_in else "",
        terms=redemption.terms,
        qr=image(voucher.code) if with_image and is_open else "",
        worth=kind_worth(promise, Wording.for_reader(member.organization.currency)),
        what_to_do=str(WHAT_TO_DO[promise.type]),
        picture=voucher.reward.picture_id or "",
        alt=voucher.reward.picture_alt or voucher.reward.name,
        price_money=redemption.price_money,
        serial=redemption.serial,
        serial_of=redemption.serial_of,
        access=access_on(voucher),
    )


def _within_reach(offers: Sequence[Offer], url: str) -> Matter | None:
    """Tell of the dearest reward that can be had, or else of the one that is nearest."""
    ready = [offer for offer in offers if offer.can_have]
    if ready:
        title = _("%(reward)s is yours") % {"reward": ready[-1].reward.name}
        return Matter("gift", title, _("You have the points for it."), url)
    near = [offer for offer in offers if offer.missing and not offer.reason]
    if not near:
        return None
    nearest = min(near, key=lambda offer: offer.missing)
    text = ngettext(
        "%(shown)s more point to go.", "%(shown)s more points to go.", nearest.missing
    ) % {"shown": number(nearest.missing)}
    return Matter("sparkles", nearest.reward.name, text, url)


def _ending(card: CardView, url: str) -> Matter | None:
    ending = card.balance.next_expiry
    if ending is None or card.last_day is None or ending.at > timezone.now() + EXPIRING_SOON:
        return None
    title = ngettext("%(shown)s point expires", "%(shown)s points expire", ending.points) % {
        "shown": number(ending.points)
    }
    return Matter("clock", title, _("Use them until %(day)s.") % {"day": day(card.last_day)}, url)


def _coming(card: CardView, url: str) -> Matter | None:
    if card.coming is None:
        return None
    title = ngettext(
        "%(shown)s point is on its way", "%(shown)s points are on their way", card.coming.points
    ) % {"shown": number(card.coming.points)}
    text = _("They can be spent from %(day)s on.") % {"day": day(card.coming.at)}
    return Matter("arrow-trending-up", title, text, url)


def _awaiting(card: CardView, url: str) -> Matter | None:
    if card.awaiting is None:
        return None
    title = ngettext("%(shown)s point waits", "%(shown)s points wait", card.awaiting.points) % {
        "shown": number(card.awaiting.points)
    }
    text = _("They can be spent once the purchase is settled, which has to be by %(day)s.")
    last = day(last_instant(card.awaiting.at))
    return Matter("clock", title, text % {"day": last}, url)

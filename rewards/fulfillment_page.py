"""What the office shows of rewards that are picked up or sent, finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.keyed_forms import new_key
from core.log_page import actor_names
from core.models import Organization
from core.templatetags.formats import number
from members.card_images import bars
from rewards.delivery_page import ICONS, PICKUP, SHIPPING, address_lines, country_names, followed_at
from rewards.kind_words import number_in_edition
from rewards.looks import Filter, address_of
from rewards.models import Fulfillment, Reward
from rewards.paper import Label, Pick, PickList
from rewards.services.fulfillments import STEP_BACK_WITHIN
from rewards.voucher_codes import grouped, image

Status = Fulfillment.Status
Words = str | Promise
AT_FIRST = Status.OPEN
TABS = (Status.OPEN, Status.READY, Status.WAITING, Status.DONE, Status.CANCELED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentRow:
    """One reward on its way, as a list shows it."""

    public_id: UUID
    reward: str
    code: str
    member: str
    method: str
    icon: str
    goes_to: str
    at: datetime
    state: str
    label: str
    number: str = ""
    is_to_unpack: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """What can be done next: where it leads, the words on its button, and what it means."""

    to: str
    label: Words
    icon: str
    hint: Words


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with ticked rows at once."""

    hint: Words
    to: str = ""
    label: Words = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What happened to it once."""

    title: str
    at: datetime
    who: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """What undoes it: the redemption, whose it is, and the key of the form."""

    public_id: UUID
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentView:
    """One reward on its way, with where it goes and what comes next."""

    row: FulfillmentRow
    member_id: UUID
    reward_id: UUID
    key: str
    lines: Sequence[str] = ()
    store: str = ""
    phone: str = ""
    note: str = ""
    carrier: str = ""
    tracking: str = ""
    tracking_url: str = ""
    step: NextStep | None = None
    back: Words = ""
    rest: Words = ""
    can_be_labeled: bool = False
    can_change_where: bool = False
    cancel: Cancel | None = None
    history: Sequence[HistoryRow] = ()


BULK = {
    Status.OPEN: Bulk(
        gettext_lazy("Tick what you packed or put aside, then say so for all of it at once."),
        Status.READY,
        gettext_lazy("Ticked ones are packed"),
        "archive-box",
    ),
    Status.READY: Bulk(
        gettext_lazy("What is picked up, the till hands over. Tick what has left the house."),
        Status.DONE,
        gettext_lazy("Ticked ones were sent or handed over"),
        "truck",
    ),
}
NOTHING = {
    Status.OPEN: gettext_lazy("Nothing to pack"),
    Status.READY: gettext_lazy("Nothing lies ready"),
    Status.WAITING: gettext_lazy("Nobody has to answer"),
    Status.DONE: gettext_lazy("Nothing was sent or handed over yet"),
    Status.CANCELED: gettext_lazy("Nothing was canceled"),
}
STEPS = {
    (Status.OPEN, PICKUP): NextStep(
        Status.READY,
        gettext_lazy("It lies ready"),
        "archive-box",
        gettext_lazy("Pack it and put it aside in the store. The member sees that it is ready."),
    ),
    (Status.OPEN, SHIPPING): NextStep(
        Status.READY,
        gettext_lazy("It is packed"),
        "archive-box",
        gettext_lazy("Pack it, and stick its label on. The address is settled from then on."),
    ),
    (Status.READY, PICKUP): NextStep(
        Status.DONE,
        gettext_lazy("It was handed over"),
        "check",
        gettext_lazy("The till does this when the member comes; here it is for the exception."),
    ),
    (Status.READY, SHIPPING): NextStep(
        Status.DONE,
        gettext_lazy("It was sent"),
        "truck",
        gettext_lazy("The member sees who brings it, and the number to follow it by."),
    ),
    (Status.DONE, SHIPPING): NextStep(
        "parcel",
        gettext_lazy("Save"),
        "check",
        gettext_lazy("It was sent. The carrier and the number can still be corrected."),
    ),
}
RESTS = {
    Status.WAITING: gettext_lazy("It waits until somebody says where it goes."),
    Status.DONE: gettext_lazy("It was handed over. There is nothing more to do."),
    Status.CANCELED: gettext_lazy("It was canceled. There is nothing more to do."),
}
UNPACK = gettext_lazy("It was canceled when it was packed: put it back on its shelf.")
BACK = {
    Status.READY: gettext_lazy("Not packed after all? Then it is to be packed again."),
    Status.DONE: gettext_lazy("A mistake? For a day it can be taken back; then it is ready again."),
}


def tabs(counts: Mapping[str, int], state: str, told: Mapping[str, str]) -> list[Filter]:
    """Return the states as links that stay in the address, each with how many are in it."""
    return [
        Filter(
            _("%(state)s · %(count)s") % {"state": one.label, "count": number(counts[one])},
            address_of(**{**told, "state": "" if one == AT_FIRST else str(one)}),
            is_on=one == state,
        )
        for one in TABS
    ]


def rows_of(found: Iterable[Fulfillment]) -> list[FulfillmentRow]:
    """Return rewards on their way as a list shows them."""
    return [row_of(one) for one in found]


def row_of(found: Fulfillment) -> FulfillmentRow:
    """Return one of them."""
    redemption = found.redemption
    return FulfillmentRow(
        public_id=found.public_id,
        reward=redemption.name,
        code=grouped(redemption.voucher.code),
        member=redemption.member.name or _("No name"),
        method=str(found.get_method_display()),
        icon=ICONS[Reward.Delivery(found.method)],
        goes_to=_place(found),
        at=_since(found),
        state=found.status,
        label=str(found.get_status_display()),
        number=number_in_edition(redemption.serial, redemption.serial_of),
        is_to_unpack=found.is_to_unpack,
    )


def view_of(found: Fulfillment) -> FulfillmentView:
    """Return one of them with all there is to know, and what comes next."""
    status = Status(found.status)
    step = STEPS.get((status, Reward.Delivery(found.method)))
    return FulfillmentView(
        row=row_of(found),
        member_id=found.redemption.member.public_id,
        reward_id=found.redemption.reward.public_id,
        key=new_key(),
        lines=address_lines(found.address),
        store=str(found.store or ""),
        phone=found.phone,
        note=found.note,
        carrier=found.carrier,
        tracking=found.tracking,
        tracking_url=followed_at(found.tracking),
        step=step,
        back=BACK.get(status, "") if _can_step_back(found) else "",
        rest="" if step else UNPACK if found.is_to_unpack else RESTS[status],
        can_be_labeled=can_be_labeled(found),
        can_change_where=status in (Status.WAITING, Status.OPEN),
        cancel=None if found.is_over else _cancel(found),
        history=_history(found),
    )


def can_be_labeled(found: Fulfillment) -> bool:
    """Say whether there is an address to print."""
    return found.method == SHIPPING and not found.address.is_empty


def label_of(found: Fulfillment, organization: Organization) -> Label:
    """Return what is printed on a parcel: where it goes, and its code."""
    name, *lines = address_lines(found.address)
    code = found.redemption.voucher.code
    return Label(
        shop=organization.name,
        name=name,
        lines=lines,
        code=grouped(code),
        qr=image(code),
        bars=bars(code),
    )


def pick_list(found: Sequence[Fulfillment], organization: Organization) -> PickList:
    """Return what is to be picked; a parcel has a label, so that only callers are named."""
    picks = [
        Pick(row.code, row.reward, row.number, row.goes_to, _caller(one, row))
        for one in found
        for row in [row_of(one)]
    ]
    sums = Counter(pick.reward for pick in picks)
    return PickList(organization.name, timezone.now(), sorted(sums.items()), picks)


def _cancel(found: Fulfillment) -> Cancel:
    redemption = found.redemption
    return Cancel(redemption.public_id, redemption.member.name or _("No name"), new_key())


def _caller(found: Fulfillment, row: FulfillmentRow) -> str:
    return row.member if found.method == PICKUP else ""


def _place(found: Fulfillment) -> str:
    if found.method == PICKUP:
        return str(found.store or "")
    country = country_names().get(found.country, found.country)
    return ", ".join(part for part in (found.city, country) if part)


def _since(found: Fulfillment) -> datetime:
    """Return since when it is in its state."""
    moments = {
        Status.OPEN: found.opened_at,
        Status.READY: found.ready_at,
        Status.DONE: found.done_at,
        Status.CANCELED: found.canceled_at,
    }
    return moments.get(Status(found.status)) or found.created_at


def _can_step_back(found: Fulfillment) -> bool:
    if found.done_at is not None:
        return found.status == Status.DONE and timezone.now() - found.done_at <= STEP_BACK_WITHIN
    return found.status == Status.READY


def _history(found: Fulfillment) -> list[HistoryRow]:
    """Return what happened to it, newest first."""
    is_sent = found.method == SHIPPING
    told = [
        (found.canceled_at, found.canceled_by, _("Canceled")),
        (found.done_at, found.done_by, _("It was sent") if is_sent else _("It was handed over")),
        (found.ready_at, found.ready_by, _("It is packed") if is_sent else _("It lies ready")),
        (found.opened_at, found.opened_by, _("It was said where it goes")),
        (found.created_at, "", _("The member got it")),
    ]
    names = actor_names(found.organization, [who for _at, who, _title in told if who])
    return [
        HistoryRow(title, at, names.get(who, _("Member") if who.startswith("member:") else ""))
        for at, who, title in told
        if at is not None
    ]

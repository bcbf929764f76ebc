"""What the office shows of batches, shared codes and their uses, finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.keyed_forms import new_key
from core.models import Organization
from core.templatetags.formats import number
from members.names import masked_name
from rewards.models import Voucher, VoucherBatch, VoucherUse
from rewards.queries import last_day
from rewards.services.voucher_reading import NOT_YET, PAUSED, DayOfUses, standing
from rewards.voucher_codes import grouped

DAYS_SHOWN = 30
CHIPS = {
    VoucherBatch.Status.MAKING: "running",
    VoucherBatch.Status.READY: "active",
    VoucherBatch.Status.STOPPED: "ended",
    PAUSED: "paused",
    NOT_YET: "scheduled",
    Voucher.Status.ISSUED: "active",
    Voucher.Status.USED: "over",
    Voucher.Status.CANCELED: "ended",
    Voucher.Status.EXPIRED: "expired",
}
LABELS: dict[str, str | Promise] = {
    PAUSED: gettext_lazy("Paused"),
    NOT_YET: gettext_lazy("Not valid yet"),
    Voucher.Status.ISSUED: gettext_lazy("Can be used"),
    Voucher.Status.USED: gettext_lazy("Used up"),
    Voucher.Status.CANCELED: gettext_lazy("Canceled"),
    Voucher.Status.EXPIRED: gettext_lazy("Expired"),
}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of the list."""

    public_id: UUID
    name: str
    reward: str
    made: int
    wanted: int
    used: int
    last_day: date | None
    state: str
    label: str

    @property
    def percent(self) -> int:
        """Return how much of it is made."""
        return self.made * 100 // self.wanted


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One shared code of the list, or its page."""

    public_id: UUID
    word: str
    reward: str
    uses: str
    each: str
    first_day: datetime | None
    last_day: date | None
    state: str
    label: str
    can_rest: bool
    is_resting: bool
    can_end: bool


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A code of a batch that was looked for by its end."""

    code: str
    state: str
    label: str
    used_at: datetime | None
    store: str
    use: int | None


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use of a code, and whether it still counts."""

    number: int
    at: datetime
    member: UUID | None
    name: str
    store: str
    released_at: datetime | None
    key: str


@dataclass(frozen=True, slots=True)
class DayBar:
    """How often a code was used on one day, and how much that is of the most on any day."""

    day: date
    uses: int
    percent: int


def batch_row(batch: VoucherBatch) -> BatchRow:
    """Return a batch as a list or its page shows it."""
    return BatchRow(
        public_id=batch.public_id,
        name=batch.name,
        reward=batch.reward.name,
        made=batch.made,
        wanted=batch.wanted,
        used=batch.used,  # type: ignore[attr-defined]  # the query counted them
        last_day=batch.valid_until,
        state=CHIPS[VoucherBatch.Status(batch.status)],
        label=str(batch.get_status_display()),
    )


def code_row(organization: Organization, voucher: Voucher, *, now: datetime) -> CodeRow:
    """Return a shared code as a list or its page shows it."""
    state = standing(voucher, now=now)
    is_live = state in {Voucher.Status.ISSUED, PAUSED, NOT_YET}
    return CodeRow(
        public_id=voucher.public_id,
        word=voucher.code,
        reward=voucher.reward.name,
        uses=_uses(voucher),
        each=number(voucher.per_member_max) if voucher.per_member_max else "",
        first_day=voucher.valid_from,
        last_day=last_day(voucher, organization),
        state=CHIPS[state],
        label=str(LABELS[state]),
        can_rest=is_live and state != PAUSED,
        is_resting=state == PAUSED,
        can_end=state != Voucher.Status.CANCELED,
    )


def voucher_rows(vouchers: Iterable[Voucher], uses: dict[int, int]) -> list[VoucherRow]:
    """Return codes that were looked for; ``uses`` names the live use of each that has one."""
    now = timezone.now()
    rows = []
    for voucher in vouchers:
        state = standing(voucher, now=now)
        rows.append(
            VoucherRow(
                code=grouped(voucher.code),
                state=CHIPS[state],
                label=str(LABELS[state]),
                used_at=voucher.used_at,
                store=str(voucher.used_in or ""),
                use=uses.get(voucher.pk),
            )
        )
    return rows


def use_rows(uses: Iterable[VoucherUse], *, sees_names: bool) -> list[UseRow]:
    """Return who used a code, as far as they were named."""
    return [
        UseRow(
            number=use.pk,
            at=use.used_at,
            member=use.member.public_id if use.member else None,
            name=_name(use, sees_names=sees_names),
            store=str(use.store or ""),
            released_at=use.released_at,
            key=new_key(),
        )
        for use in uses
    ]


def day_bars(days: list[DayOfUses]) -> list[DayBar]:
    """Return the days beside each other, the busiest as long as can be."""
    most = max((one.uses for one in days), default=1)
    return [DayBar(one.day, one.uses, one.uses * 100 // most) for one in days]


def since_shown(now: datetime) -> datetime:
    """Return from when on uses are shown day by day."""
    return now - timedelta(days=DAYS_SHOWN)


def _uses(voucher: Voucher) -> str:
    if voucher.uses_max is None:
        return number(voucher.uses)
    told = {"uses": number(voucher.uses), "most": number(voucher.uses_max)}
    return _("%(uses)s of %(most)s") % told


def _name(use: VoucherUse, *, sees_names: bool) -> str:
    if use.member is None:
        return ""
    shown = use.member.name if sees_names else masked_name(use.member.name)
    return shown or _("No name")

"""What is taken off a receipt before it is recorded: by benefits, a tier and vouchers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.currencies import decimals_of
from core.days import local_day, start_of_day
from core.models import Organization
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import Fact, Line
from loyalty.receipts import ReceiptDraft
from loyalty.services.accounts import held_by
from loyalty.services.facts import Known, Question, answers_to
from loyalty.services.spent import spent_between
from loyalty.services.standing import effective_tiers
from members.errors import MemberUnknown
from members.models import Member
from members.queries import bearer_card
from rewards.discounts.effects import Scale
from rewards.discounts.reckoning import Offered, reckon
from rewards.discounts.sources import Shopper, Source, of_tier
from rewards.discounts.spans import Span
from rewards.discounts.spec import Audience
from rewards.discounts.told import LeftOut, TakenOff, discounts_in, left_out_of
from rewards.services.baskets import member_of
from rewards.services.benefit_book import Book, ProgramBenefits
from rewards.services.wishes import NOTHING, Wished, wished_by

LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys: a member or nobody known, and whether they showed a bearer card."""

    member: Member | None = None
    shows_bearer_card: bool = False


@dataclass(frozen=True, slots=True)
class Priced:
    """A receipt after its discounts, and what those came from.

    ``versions`` are those of the benefits that counted, by the benefit's id; ``held`` are the
    redemptions of rewards that were set aside for it, by the reward's id.
    """

    draft: ReceiptDraft
    taken: Sequence[TakenOff] = ()
    left_out: Sequence[LeftOut] = ()
    wished: Wished = NOTHING
    versions: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)


def buyer_of(organization: Organization, sent: Mapping[str, Any], book: Book) -> Buyer:
    """Find who buys; a bearer card that nobody owns yet is good where a benefit asks for one."""
    named = sent.get("member")
    asks = any(one.source.audience is Audience.BEARER_CARD for one in book.benefits)
    shown = bearer_card(organization, named) if named and asks else None
    try:
        return Buyer(member_of(organization, named), shows_bearer_card=shown is not None)
    except MemberUnknown:
        if shown is None or shown.member_id is not None:
            raise
        return Buyer(None, shows_bearer_card=True)


def discounted(
    organization: Organization,
    sent: Mapping[str, Any],
    draft: ReceiptDraft,
    *,
    buyer: Buyer,
    book: Book,
) -> Priced:
    """Return the receipt with its discounts; nothing is used up yet."""
    wished = wished_by(organization, sent, buyer.member, draft.store_code)
    programs = book.at(draft.occurred_at)
    if not programs and not wished.sources:
        return Priced(draft)
    receipt = replace(draft.receipt, paid_without_earning=ZERO)
    anybody = Shopper(is_member=buyer.member is not None)
    offered = [Offered(source, anybody) for source in wished.sources]
    for program in programs:
        known = _known(organization, program, draft)
        receipt = known.of(receipt)
        shopper = _shopper(organization, program, draft, buyer, known)
        offered += [Offered(one.source, shopper) for one in program.benefits]
        offered += [Offered(source, shopper) for source in _of_tier(program, draft)]
    done = reckon(receipt, offered, decimals=decimals_of(organization.currency))
    versions = {
        one.source.id.key: one.version_id for program in programs for one in program.benefits
    }
    taken = discounts_in(done)
    left = with_lines(draft, done.lines, taken)
    return Priced(left, taken, left_out_of(done), wished, versions)


def with_lines(
    draft: ReceiptDraft, lines: tuple[Line, ...], taken: Sequence[TakenOff]
) -> ReceiptDraft:
    """Return the receipt as it is left after its discounts."""
    if not taken:
        return draft
    off = dict(draft.discounts)
    for one in taken:
        for part in one.lines:
            off[part.number] = off.get(part.number, ZERO) + part.amount
    total = sum((line.amount for line in lines), ZERO)
    return replace(draft, lines=lines, total=total, discounts=off, sent=draft.lines)


def _known(organization: Organization, program: ProgramBenefits, draft: ReceiptDraft) -> Known:
    """Read what the benefits of a program ask for."""
    conditions = [one.source.conditions for one in program.benefits]
    facts: frozenset[Fact] = frozenset().union(*(one.asks for one in conditions))
    back = max((one.looks_back_days for one in conditions), default=0)
    [known] = answers_to([Question(program.program_id, organization.zone, draft, facts, back)])
    return known


def _shopper(
    organization: Organization,
    program: ProgramBenefits,
    draft: ReceiptDraft,
    buyer: Buyer,
    known: Known,
) -> Shopper:
    return Shopper(
        is_member=buyer.member is not None,
        shows_bearer_card=buyer.shows_bearer_card,
        earner=known.earner,
        spent=_spent(organization, (one.source for one in program.benefits), draft),
    )


def _spent(
    organization: Organization, sources: Iterable[Source], draft: ReceiptDraft
) -> dict[Span, Decimal]:
    """Return what the member spent before, by the windows that scales look at."""
    windows = {one.effect.window for one in sources if isinstance(one.effect, Scale)}
    if draft.member_id is None:
        return {}
    today = local_day(draft.occurred_at, organization.zone)
    return {
        window: spent_between(
            draft.member_id,
            start_of_day(max(window.first_day(today), LONG_AGO), organization.zone),
            draft.occurred_at,
        )
        for window in windows
    }


def _of_tier(program: ProgramBenefits, draft: ReceiptDraft) -> Sequence[Source]:
    """Return what the member's tier takes off by itself: the tier held before the purchase."""
    if program.ladder is None or draft.member_id is None:
        return ()
    account_id = held_by(program.program_id, draft.member_id)
    held = effective_tiers([account_id], timezone.now()).get(account_id) if account_id else None
    return of_tier(held.tier) if held and held.tier else ()

"""Records purchases: each receipt once, with the points it earns in every live open program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from django.db import transaction

from core.actors import Actor
from core.bulk import insert_many
from core.days import local_day
from core.errors import Refusal
from core.models import OutboxEvent
from core.outbox import event, tell
from core.transactions import atomic_part
from loyalty.earning.compiled import Key
from loyalty.earning.engine import evaluate
from loyalty.earning.explain import stored
from loyalty.earning.outcome import Outcome, RuleAward
from loyalty.earning.receipt import Earner
from loyalty.earning.vocabulary.limits import Room
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.models import Award, Batch, Entry, Lot, Program, Purchase
from loyalty.receipts import ReceiptDraft
from loyalty.services.accounts import Holding, accounts_for, held_by
from loyalty.services.activity import counting_accounts
from loyalty.services.ledger import Book, Cause, Credit, earn, note_purchases, open_book
from loyalty.services.limits import Given, given_so_far
from loyalty.services.recording import claim_receipts, store_contents
from loyalty.services.returns import settle_parked
from loyalty.services.rulebook import ProgramRules, open_programs
from loyalty.services.spending import paying_account, take_points
from loyalty.signals import purchase_recorded
from loyalty.waiting import Dates, awaited, dates_of


@dataclass(slots=True)
class Earned:
    """What one purchase earned in one program; without an account when it earned nothing."""

    program: Program
    outcome: Outcome
    rule_ids: Mapping[int, str]
    account_id: int | None = None
    entry: Entry | None = None
    awards: list[Award] = field(default_factory=list)


@dataclass(slots=True)
class Recorded:
    """A purchase that is now on record, the receipt it was made from, and what it earned.

    ``spent`` took the points that paid for it.
    """

    purchase: Purchase
    draft: ReceiptDraft
    earned: list[Earned] = field(default_factory=list)
    spent: Entry | None = None

    @property
    def points(self) -> int:
        """Return the points given in all programs together."""
        return sum(part.outcome.points for part in self.earned)

    @property
    def entries(self) -> list[Entry]:
        """Return what it did to balances: points that paid for it, then those it earned."""
        earned = [part.entry for part in self.earned if part.entry is not None]
        return [self.spent, *earned] if self.spent is not None else earned


Giving: TypeAlias = tuple[ProgramRules, Recorded, Earned]


def record(*, organization_id: int, draft: ReceiptDraft, actor: Actor) -> Recorded:
    """Record one receipt and give what it earns; refuse one that is on record already."""
    answer = _record_and_tell(organization_id, draft, actor)
    if isinstance(answer, Refusal):  # nothing was written, so that there is nothing to undo
        raise answer
    return answer


@atomic_part
def _record_and_tell(organization_id: int, draft: ReceiptDraft, actor: Actor) -> Recorded | Refusal:
    [answer] = _record(organization_id, [draft], actor, None)
    if isinstance(answer, Recorded):
        tell([_event_of(answer)])
        purchase_recorded.send(sender=Purchase, recorded=answer)
    return answer


def refuse_known(*, organization_id: int, draft: ReceiptDraft) -> None:
    """Refuse a receipt that is on record already, before anything else is asked of it."""
    known = Purchase.objects.filter(
        organization_id=organization_id, source=draft.source, external_id=draft.external_id
    ).first()
    if known is not None:
        raise _refusal(draft, known)


def preview(*, organization_id: int, draft: ReceiptDraft) -> list[Earned]:
    """Work out what a receipt would earn now, by the same engine, and change nothing."""
    return [_preview(rules, draft) for rules in open_programs(organization_id)]


def give_late(one: Recorded, programs: Sequence[ProgramRules], *, actor: Actor) -> None:
    """Give for a purchase on record what its member earns in these programs, by its own date."""
    _give([one], programs, actor, None)


@transaction.atomic
def record_many(
    *,
    organization_id: int,
    drafts: Sequence[ReceiptDraft],
    actor: Actor,
    batch: Batch | None = None,
) -> list[Recorded | Refusal]:
    """Record receipts in their order and give what they earn, in a fixed number of statements.

    A receipt that is on record already is answered by its refusal. History, which comes as a
    batch, is told of by its batch alone.
    """
    return _record(organization_id, drafts, actor, batch)


def _record(
    organization_id: int, drafts: Sequence[ReceiptDraft], actor: Actor, batch: Batch | None
) -> list[Recorded | Refusal]:
    claimed, expected = claim_receipts(
        drafts, organization_id=organization_id, actor=actor, batch=batch
    )
    sold = [
        Recorded(purchase, draft)
        for purchase, draft in zip(claimed, drafts, strict=True)
        if purchase is not None
    ]
    store_contents([(one.purchase, one.draft) for one in sold])
    _give(sold, open_programs(organization_id), actor, batch)
    settle_parked(expected, actor=actor)
    by_draft = {id(one.draft): one for one in sold}
    refused = _refusals([draft for draft in drafts if id(draft) not in by_draft], organization_id)
    return [by_draft.get(id(draft)) or refused[id(draft)] for draft in drafts]


def _give(
    sold: Sequence[Recorded],
    programs: Sequence[ProgramRules],
    actor: Actor,
    batch: Batch | None,
) -> None:
    """Give in all programs at once, so that accounts and budgets are locked in their order."""
    effective = list(_effective(sold, programs))
    idle = counting_accounts(_idle(sold))
    payers = [(one, paying_account(one.draft)) for one in sold if one.draft.paid_in_points]
    if not effective and not idle and not payers:
        return
    holdings = accounts_for(_holding(rules, one) for rules, one, _part in effective)
    opened = [*holdings.values(), *idle.values(), *(account_id for _one, account_id in payers)]
    with open_book(opened, actor=actor, batch=batch, to_earn=not payers) as book:
        for one, account_id in payers:
            one.spent = take_points(book, account_id, one.purchase, one.draft)
        note_purchases(book, _visits(sold, holdings | idle))
        holdings = {holding: book.living(held) for holding, held in holdings.items()}
        if effective:
            _earn_all(book, effective, holdings)
    insert_many([award for _rules, _one, part in effective for award in part.awards])


def _earn_all(book: Book, effective: Sequence[Giving], holdings: Mapping[Holding, int]) -> None:
    given = _given(holdings.values(), effective)
    for rules, one, part in effective:
        _earn(book, rules, one, part, holdings[_holding(rules, one)], given)
    given.store()


def _effective(sold: Sequence[Recorded], programs: Sequence[ProgramRules]) -> Iterator[Giving]:
    """Note what each member's purchase earns in each program; return what gives anything."""
    for rules in programs:
        for one in sold:
            if one.draft.member_id is not None:
                part = _evaluate(rules, one.draft, {})
                one.earned.append(part)
                if part.outcome.awards:
                    yield rules, one, part


def _idle(sold: Sequence[Recorded]) -> Iterator[Holding]:
    """Yield whose purchase earned nothing where; it may restart their time all the same."""
    for one in sold:
        for part in one.earned:
            if one.draft.member_id is not None and not part.outcome.awards:
                yield part.program.pk, one.draft.member_id


def _visits(
    sold: Sequence[Recorded], accounts: Mapping[Holding, int]
) -> Iterator[tuple[int, datetime]]:
    for one in sold:
        for part in one.earned:
            account_id = accounts.get((part.program.pk, one.draft.member_id or 0))
            if account_id is not None:
                yield account_id, one.draft.occurred_at


def _holding(rules: ProgramRules, one: Recorded) -> Holding:
    assert one.draft.member_id is not None, "only a member's purchase earns"
    return (rules.program.pk, one.draft.member_id)


def _preview(rules: ProgramRules, draft: ReceiptDraft) -> Earned:
    counting = rules.at(draft.occurred_at)
    account_id = held_by(rules.program.pk, draft.member_id)
    given = given_so_far([account_id or 0], counting, rules.zone, lock=False)
    day = local_day(draft.occurred_at, rules.zone)
    return _evaluate(rules, draft, given.room(account_id or 0, day, counting))


def _given(account_ids: Iterable[int], effective: Sequence[Giving]) -> Given:
    versions = {
        rule.version_key: rule
        for rules, one, _part in effective
        for rule in rules.at(one.draft.occurred_at)
    }
    zone = effective[0][0].zone  # the organization's, and so every program's
    return given_so_far(account_ids, versions.values(), zone)


def _evaluate(rules: ProgramRules, draft: ReceiptDraft, room: Mapping[Key, Room | None]) -> Earned:
    counting = rules.at(draft.occurred_at)
    outcome = evaluate(draft.receipt, Earner(), counting, rules.policy, room)
    return Earned(rules.program, outcome, rules.public_ids)


def _earn(
    book: Book, rules: ProgramRules, one: Recorded, part: Earned, account_id: int, given: Given
) -> None:
    """Post what one purchase earns: one entry, one lot per date of availability and of end."""
    occurred_at = one.draft.occurred_at
    day = local_day(occurred_at, rules.zone)
    room = given.room(account_id, day, rules.at(occurred_at))
    if room:
        part.outcome = _evaluate(rules, one.draft, room).outcome
        given.add(account_id, day, part.outcome)
    part.account_id = account_id
    credits_ = _credits(rules, part.outcome, min(occurred_at, book.now))
    lots: dict[Dates, Lot] = {}
    if credits_:
        cause = Cause("purchase", one.purchase.pk, f"{one.draft.request_key}:earn:1", occurred_at)
        part.entry = earn(book, account_id, list(credits_.values()), cause)
        made = [lot for lot in book.lots[account_id] if lot.entry is part.entry]
        lots = dict(zip(credits_, made, strict=True))
    part.awards = [
        _award(one, part, award, lots.get(_dates(rules, award, min(occurred_at, book.now))))
        for award in part.outcome.awards
    ]


def _credits(rules: ProgramRules, outcome: Outcome, at: datetime) -> dict[Dates, Credit]:
    credits_: dict[Dates, Credit] = {}
    for award in outcome.awards:
        if award.awarded:
            dates = _dates(rules, award, at)
            before = credits_[dates].points if dates in credits_ else 0
            credits_[dates] = Credit(before + award.awarded, *dates)
    return credits_


def _dates(rules: ProgramRules, award: RuleAward, at: datetime) -> Dates:
    terms = rules.terms
    return dates_of(at, awaited(award, terms), award.expires or terms.expiry, rules.zone)


def _award(one: Recorded, part: Earned, award: RuleAward, lot: Lot | None) -> Award:
    assert part.account_id is not None, "an award belongs to an account"
    return Award(
        purchase=one.purchase,
        account_id=part.account_id,
        rule_version_id=award.version_key,
        entry=part.entry if award.awarded else None,
        lot=lot if award.awarded else None,
        desired=award.desired,
        awarded=award.awarded,
        lines=[list(share) for share in award.lines],
        why=[stored(reason) for reason in award.why],
    )


def _refusals(drafts: Sequence[ReceiptDraft], organization_id: int) -> dict[int, Refusal]:
    """Say of each known receipt whether it is the same again or another under its number."""
    if not drafts:
        return {}
    known = Purchase.objects.filter(
        organization_id=organization_id,
        source__in={draft.source for draft in drafts},
        external_id__in=[draft.external_id for draft in drafts],
    )
    by_number = {(purchase.source, purchase.external_id): purchase for purchase in known}
    return {
        id(draft): _refusal(draft, by_number[draft.source, draft.external_id]) for draft in drafts
    }


def _refusal(draft: ReceiptDraft, known: Purchase) -> Refusal:
    kind = DuplicateReceipt if known.content_digest == draft.digest else ReceiptConflict
    return kind(purchase=str(known.public_id))


def _event_of(recorded: Recorded) -> OutboxEvent:
    purchase = recorded.purchase
    return event(
        "purchase.recorded",
        purchase,
        organization_id=purchase.organization_id,
        payload={
            "purchase": str(purchase.public_id),
            "source": purchase.source,
            "external_id": purchase.external_id,
            "points": recorded.points,
        },
    )

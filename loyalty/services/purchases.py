"""Records purchases: each receipt once, with the points it earns in every live open program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from django.db import transaction

from core.actors import Actor
from core.errors import Refusal
from core.models import OutboxEvent
from core.outbox import event, tell
from core.transactions import atomic_part
from loyalty.earning.engine import evaluate
from loyalty.earning.outcome import Outcome
from loyalty.earning.receipt import Earner
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.models import Batch, Purchase
from loyalty.receipts import ReceiptDraft
from loyalty.services.accounts import Holding, accounts_for, held_by
from loyalty.services.activity import counting_accounts
from loyalty.services.allowances import NEWCOMER, Allowances, Allowed, allowances
from loyalty.services.carries import Carries
from loyalty.services.crediting import credit
from loyalty.services.facts import UNKNOWN, Facts, Known, facts_for
from loyalty.services.following import Happening, follow
from loyalty.services.granting import InKind, give_awarded
from loyalty.services.ledger import Book, Cause, note_purchases, open_book
from loyalty.services.recorded import Earned, Recorded
from loyalty.services.recording import put_on_record
from loyalty.services.returns import settle_parked
from loyalty.services.rulebook import ProgramRules, open_programs
from loyalty.services.spending import paying_account, take_points
from loyalty.services.tiers import boost_when_reached, look_at_tiers
from loyalty.signals import purchase_recorded

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
    return preview_in(open_programs(organization_id), draft)


def preview_in(
    programs: Sequence[ProgramRules], draft: ReceiptDraft, *, earner: Earner | None = None
) -> list[Earned]:
    """Do so in these programs, for the member or for an earner who is only thought up."""
    facts = facts_for(programs, [draft])
    known = [facts.about(rules, draft) for rules in programs]
    if earner is not None:
        known = [replace(one, earner=earner) for one in known]
    return [_preview(rules, draft, one) for rules, one in zip(programs, known, strict=True)]


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
    claimed, expected = put_on_record(
        drafts, organization_id=organization_id, actor=actor, batch=batch
    )
    sold = [
        Recorded(purchase, draft)
        for purchase, draft in zip(claimed, drafts, strict=True)
        if purchase is not None
    ]
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
        carries = Carries()
        look_at_tiers(book, programs, holdings.values())
        if effective:
            carries = _earn_all(book, effective, holdings, _facts(sold, programs, holdings))
    carries.store()
    give_awarded(book, [_in_kind(one, part) for _rules, one, part in effective])


def _earn_all(
    book: Book, effective: Sequence[Giving], holdings: Mapping[Holding, int], facts: Facts
) -> Carries:
    given = _allowances(holdings.values(), effective)
    for rules, one, part in effective:
        part.account_id = holdings[_holding(rules, one)]
        _earn(book, rules, one, part, given, facts.about(rules, one.draft))
    given.store()
    follow(book, [_happening(*giving) for giving in effective if giving[0].follows])
    return given.carries


def _in_kind(one: Recorded, part: Earned) -> InKind:
    return InKind(one.draft.member_id or 0, part.awards, one.draft.request_key, part.followed)


def _effective(sold: Sequence[Recorded], programs: Sequence[ProgramRules]) -> Iterator[Giving]:
    """Note what each member's purchase earns in each program; return what has any effect.

    What gives something to whoever comes is judged again once the account is locked, and so needs
    no facts yet. Where purchases are counted, each has an effect.
    """
    members = [one for one in sold if one.draft.member_id is not None]
    parts = [(rules, one, _evaluate(rules, one.draft)) for rules in programs for one in members]
    undecided = {
        id(rules) for rules, one, part in parts if _is_open(rules, one.draft, part.outcome)
    }
    facts = _facts(sold, [rules for rules in programs if id(rules) in undecided])
    for rules, one, part in parts:
        if _is_open(rules, one.draft, part.outcome):
            known = facts.about(rules, one.draft)
            part.outcome = _evaluate(rules, one.draft, known=known).outcome
        one.earned.append(part)
        if _has_effect(part) or rules.follows or rules.counts_purchases(one.draft.occurred_at):
            yield rules, one, part


def _has_effect(part: Earned) -> bool:
    return bool(part.outcome.awards or part.outcome.carried)


def _is_open(rules: ProgramRules, draft: ReceiptDraft, outcome: Outcome) -> bool:
    """Say whether only facts can tell if a purchase has any effect."""
    if not rules.asks_facts or outcome.awards or outcome.carried or rules.follows:
        return False
    return not rules.counts_purchases(draft.occurred_at)


def _facts(
    sold: Sequence[Recorded],
    programs: Iterable[ProgramRules],
    accounts: Mapping[Holding, int] | None = None,
) -> Facts:
    recorded = [one.purchase.pk for one in sold]
    drafts = [one.draft for one in sold]
    return facts_for(programs, drafts, recorded=recorded, accounts=accounts)


def _idle(sold: Sequence[Recorded]) -> Iterator[Holding]:
    """Yield whose purchase earned nothing where; it may restart their time all the same."""
    for one in sold:
        for part in one.earned:
            if one.draft.member_id is not None and not part.outcome.awards:
                yield part.program.pk, one.draft.member_id


def _happening(rules: ProgramRules, one: Recorded, part: Earned) -> Happening:
    assert part.account_id is not None, "who earned has an account"
    return Happening(
        rules=rules,
        account_id=part.account_id,
        member_id=one.draft.member_id or 0,
        occurred_at=one.draft.occurred_at,
        request_key=one.draft.request_key,
        awards=part.awards,
        followed=part.followed,
        purchase=one.purchase,
        draft=one.draft,
    )


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


def _preview(rules: ProgramRules, draft: ReceiptDraft, known: Known) -> Earned:
    counting = rules.at(draft.occurred_at)
    account_id = held_by(rules.program.pk, draft.member_id)
    given = allowances([account_id or 0], counting, rules.zone, lock=False)
    allowed = given.of(account_id or 0, rules, counting, draft.occurred_at)
    return _evaluate(rules, draft, allowed, known)


def _allowances(account_ids: Iterable[int], effective: Sequence[Giving]) -> Allowances:
    counting = chain.from_iterable(
        rules.at(one.draft.occurred_at) for rules, one, _part in effective
    )
    zone = effective[0][0].zone  # the organization's, and so every program's
    return allowances(account_ids, counting, zone)


def _evaluate(
    rules: ProgramRules,
    draft: ReceiptDraft,
    allowed: Allowed = NEWCOMER,
    known: Known = UNKNOWN,
) -> Earned:
    counting = rules.at(draft.occurred_at)
    receipt, room, standing = known.of(draft.receipt), allowed.room, allowed.standing
    outcome = evaluate(receipt, known.earner, counting, rules.policy, room, standing)
    return Earned(rules.program, outcome, rules.public_ids)


def _earn(
    book: Book, rules: ProgramRules, one: Recorded, part: Earned, given: Allowances, known: Known
) -> None:
    """Post what one purchase earns: one entry, one lot per date of availability and of end."""
    account_id, occurred_at = part.account_id, one.draft.occurred_at
    assert account_id is not None, "an award belongs to an account"
    allowed = given.of(account_id, rules, rules.at(occurred_at), occurred_at)
    if allowed.matters or rules.asks_facts:
        part.outcome = _evaluate(rules, one.draft, allowed, known).outcome
        reached = boost_when_reached(book, rules, account_id, one.draft, part.outcome)
        if reached is not None:
            known = known.with_boost(reached)
            part.outcome = _evaluate(rules, one.draft, allowed, known).outcome
        given.add(account_id, occurred_at, part.outcome)
    cause = Cause("purchase", one.purchase.pk, f"{one.draft.request_key}:earn:1", occurred_at)
    credit(book, rules, part, cause, purchase=one.purchase)
    given.carries.add(account_id, one.purchase, part.outcome, part.awards)


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

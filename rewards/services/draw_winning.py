"""The drawing itself, once for ever, and prizes that are passed on to alternates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from core.actors import Actor
from core.bulk import insert_many, update_rows
from core.locking import lock_one
from core.outbox import event, tell
from core.text import clean_line
from loyalty.gifts import VoucherGift
from loyalty.models import Grant
from loyalty.services.accounts import Holding, accounts_for
from loyalty.services.gifts import Due, give_many, withdraw_grants
from loyalty.services.ledger import Book, Cause, open_book
from members.models import Member, MemberStatus
from members.queries import survivor
from rewards.draw_errors import (
    DrawNotClosed,
    NoAlternateLeft,
    NothingToPassOn,
    PrizeUsed,
    PublicTextMissing,
    PublicTextNotPromised,
)
from rewards.drawing.entries import IN
from rewards.drawing.hat import SKIPPED, Pulled, draw
from rewards.models import Draw, DrawResult, DrawTicket
from rewards.services.draw_closing import lines_of, refuse_over, terms_of
from rewards.services.draw_settings import announce, note

RESULT = "draw_result"  # the cause of a grant that is a prize
CANCELED, GONE = "canceled", "gone"  # why a ticket of the list cannot win any more
PUBLIC_TEXT_MAX = 500


class _Moved(Exception):
    """Somebody who was to win could no more, once the draw was locked."""


class _Prize(NamedTuple):
    """Who is to get what."""

    result: DrawResult
    reward: str


@transaction.atomic
def draw_winners(*, draw_id: int, public_text: str, actor: Actor, request_key: str) -> Draw:
    """Draw a closed draw: publish its seed, write down every pull, and give the prizes.

    Raises ``DrawNotClosed``, ``DrawAlreadyDrawn``, ``DrawCanceled``, ``PublicTextMissing``,
    ``PublicTextNotPromised``.
    """
    text = clean_line(public_text, max_length=PUBLIC_TEXT_MAX)
    while True:
        # Accounts are locked before draws, and who wins is known only from the draw: it is
        # worked out before the locks and under them, and begun anew if it differs.
        try:
            with transaction.atomic():
                return _draw(draw_id, text, actor, request_key)
        except _Moved:
            continue


@transaction.atomic
def pass_on(*, result_id: int, reason: str, actor: Actor, request_key: str) -> DrawResult:
    """Take a prize from a winner who cannot be reached, and give it to the next alternate.

    Raises ``NothingToPassOn``, ``NoAlternateLeft``, ``PrizeUsed``.
    """
    known = DrawResult.objects.select_related("draw", "grant").get(pk=result_id)
    if known.grant is None or known.passed_on_at is not None:
        raise NothingToPassOn
    heir = _next_alternate(known.draw)
    accounts = _accounts(known.draw, [heir])
    with open_book([*accounts.values(), known.grant.account_id], actor=actor) as book:
        _take_back(book, known.grant)
        found = lock_one(Draw, known.draw_id, "program")
        result = DrawResult.objects.get(pk=result_id)
        if result.passed_on_at is not None or _next_alternate(found).pk != heir.pk:
            raise NothingToPassOn  # somebody else passed a prize on at this moment
        result.passed_on_at, result.passed_on_because = book.now, reason
        result.save(update_fields=["passed_on_at", "passed_on_because"])
        heir.takes_over = result
        heir.save(update_fields=["takes_over"])
        _give(book, found, accounts, [_Prize(heir, result.gets)], request_key)
        note("passed_on", found, actor, ["results"], reason)
        _tell_passed_on(found, result, heir)
    return heir


def _draw(draw_id: int, text: str, actor: Actor, request_key: str) -> Draw:
    """Draw in one go; raise ``_Moved`` when it would need other accounts than those locked."""
    known = Draw.objects.select_related("program").get(pk=draw_id)
    _refuse(known, text)
    accounts = _accounts(known, _winning(_results(known, text)))
    with open_book(accounts.values(), actor=actor) as book:
        found = lock_one(Draw, draw_id, "program")
        _refuse(found, text)
        results = _results(found, text)
        due = [_Prize(one, one.prize) for one in _winning(results)]
        if {_holding(found, one.result) for one in due} != accounts.keys():
            raise _Moved
        insert_many(results)
        _give(book, found, accounts, due, request_key)
        found.status, found.drawn_at, found.public_text = Draw.Status.DRAWN, book.now, text
        found.save(update_fields=["status", "drawn_at", "public_text"])
        note("drew", found, actor, ["status"])
        announce(found, "draw.drawn")
    return found


def _refuse(found: Draw, text: str) -> None:
    refuse_over(found)
    if found.status != Draw.Status.CLOSED:
        raise DrawNotClosed
    if found.public_source and not text:
        raise PublicTextMissing
    if text and not found.public_source:
        raise PublicTextNotPromised


# --- what comes out of the hat ----------------------------------------------------------------


def _results(found: Draw, text: str) -> list[DrawResult]:
    """Return every pull, unsaved."""
    lines = list(lines_of(found))
    pulls = draw(
        terms_of(found),
        lines,
        seed=bytes(found.secret.seed),
        digest=found.entries_digest,
        public_text=text,
        left_out=_left_out_since(found),
    )
    firsts = [lines[pulled.line].first for pulled in pulls]
    tickets = _tickets(found, firsts)
    return [
        _result(found, pulled, tickets[first]) for pulled, first in zip(pulls, firsts, strict=True)
    ]


def _left_out_since(found: Draw) -> dict[int, str]:
    """Return what stood in the list as able to win and is not any more, by first number."""
    listed = DrawTicket.objects.filter(draw=found, standing=IN)
    taken = listed.exclude(canceled_at=None).values_list("first", flat=True)
    away = (MemberStatus.BLOCKED, MemberStatus.ERASED)
    gone = listed.filter(member__status__in=away) | listed.filter(
        member__status=MemberStatus.MERGED, member__merged_into__status__in=away
    )
    return dict.fromkeys(gone.values_list("first", flat=True), GONE) | dict.fromkeys(
        taken, CANCELED
    )


def _tickets(found: Draw, firsts: Iterable[int]) -> dict[int, DrawTicket]:
    rows = DrawTicket.objects.filter(draw=found, first__in=list(firsts))
    return {row.first: row for row in rows.select_related("member__merged_into")}


def _result(found: Draw, pulled: Pulled, ticket: DrawTicket) -> DrawResult:
    return DrawResult(
        draw=found,
        rank=pulled.rank,
        number=pulled.number,
        ticket=ticket,
        member=survivor(ticket.member),
        pseudonym=pulled.pseudonym,
        kind=pulled.kind,
        reason=pulled.reason if pulled.kind == SKIPPED else "",
        prize=pulled.prize,
    )


# --- prizes -----------------------------------------------------------------------------------


def _winning(results: Iterable[DrawResult]) -> list[DrawResult]:
    return [one for one in results if one.prize]


def _holding(found: Draw, result: DrawResult) -> Holding:
    return found.program_id, survivor(result.member).pk


def _accounts(found: Draw, results: Iterable[DrawResult]) -> dict[Holding, int]:
    return accounts_for(_holding(found, one) for one in results)


def _give(
    book: Book,
    found: Draw,
    accounts: Mapping[Holding, int],
    prizes: Sequence[_Prize],
    request_key: str,
) -> None:
    """Give the prizes as vouchers that cost nothing, each once for its pull."""
    due = [
        Due(
            book.living(accounts[_holding(found, one.result)]),
            survivor(one.result.member).pk,
            [VoucherGift(type="voucher", reward=one.reward)],
            Cause(RESULT, one.result.pk, f"{request_key}:prize:{one.result.rank}", book.now),
        )
        for one in prizes
    ]
    gifted = give_many(book, due)
    rows = []
    for (result, reward), given in zip(prizes, gifted, strict=True):
        [result.grant] = given.grants
        result.gets = reward
        rows.append((result.pk, result.grant.pk, reward))
    update_rows("rewards_drawresult", {"grant_id": "bigint", "gets": "text"}, rows)


def _tell_passed_on(found: Draw, result: DrawResult, heir: DrawResult) -> None:
    payload = {"draw": str(found.public_id), "rank": result.rank, "to_rank": heir.rank}
    kind, organization_id = "draw.prize_passed_on", found.program.organization_id
    tell([event(kind, result, organization_id=organization_id, payload=payload)])


def _take_back(book: Book, grant: Grant) -> None:
    """Make the voucher of a prize worthless, unless it was used."""
    fresh = Grant.objects.get(pk=grant.pk)
    withdraw_grants([fresh], book)
    if fresh.status == Grant.Status.GIVEN:
        raise PrizeUsed


def _next_alternate(found: Draw) -> DrawResult:
    """Return the first alternate who has no prize and can have one."""
    waiting = DrawResult.objects.filter(draw=found, kind=DrawResult.Kind.ALTERNATE, gets="")
    for one in waiting.select_related("member__merged_into").order_by("rank"):
        if _can_win(survivor(one.member)):
            return one
    raise NoAlternateLeft


def _can_win(member: Member) -> bool:
    return bool(member.status == MemberStatus.ACTIVE)

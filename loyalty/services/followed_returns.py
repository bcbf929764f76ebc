"""Which tiers, stamps and challenges a return may move: those of the programs that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from loyalty.models import AwardReversal, Purchase, Return
from loyalty.services.accounts import Holding, held_accounts
from loyalty.services.following import TakenBack
from loyalty.services.ledger import Book
from loyalty.services.recorded import Followed
from loyalty.services.rulebook import ProgramRules, every_program

Following = Mapping[Holding, tuple[ProgramRules, int]]


def following(purchases: Iterable[Purchase]) -> Following:
    """Return the rules and the account by program and member, where anything follows."""
    sold = [purchase for purchase in purchases if purchase.member_id is not None]
    if not sold:
        return {}
    members = {purchase.member_id or 0 for purchase in sold}
    books = {
        rules.program.pk: rules
        for rules in every_program(sold[0].organization_id)
        if rules.has_followed
    }
    held = held_accounts((program_id, member) for program_id in books for member in members)
    return {holding: (books[holding[0]], account_id) for holding, account_id in held.items()}


def taken_back(
    book: Book,
    parts: Sequence[tuple[Return, Purchase]],
    reversals: Sequence[AwardReversal],
    follows: Following,
) -> Iterator[TakenBack]:
    """Yield what each return takes of each purchase, once for every account that follows.

    What was carried over may be lost for a later purchase than the one that came back.
    """
    own = {(row.pk, purchase.pk) for row, purchase in parts}
    for row, purchase in parts:
        for (_program_id, member_id), (rules, held) in follows.items():
            if member_id == purchase.member_id:
                account_id = book.living(held)
                lost = _lost(book, account_id, row, purchase.pk, reversals)
                yield _of(rules, account_id, row, purchase, lost)
    for reversal in reversals:
        key = reversal.parent_id, reversal.award.purchase_id or 0
        if key in own:
            continue
        own.add(key)
        account_id = book.living(reversal.award.account_id)
        rules_ = [rules for rules, held in follows.values() if book.living(held) == account_id]
        later = reversal.award.purchase
        if rules_ and later is not None:
            lost = _lost(book, account_id, reversal.parent, later.pk, reversals)
            yield _of(rules_[0], account_id, reversal.parent, later, lost)


def _lost(
    book: Book,
    account_id: int,
    row: Return,
    purchase_id: int,
    reversals: Sequence[AwardReversal],
) -> list[AwardReversal]:
    return [
        part
        for part in reversals
        if part.parent is row
        and part.award.purchase_id == purchase_id
        and book.living(part.award.account_id) == account_id
    ]


def _of(
    rules: ProgramRules,
    account_id: int,
    row: Return,
    purchase: Purchase,
    reversals: Sequence[AwardReversal],
) -> TakenBack:
    return TakenBack(
        rules=rules,
        account_id=account_id,
        row=row,
        purchase=purchase,
        reversals=reversals,
        followed=Followed(),
    )

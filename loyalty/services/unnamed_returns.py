"""Takes back goods whose sale nobody names: they are found on the member's earlier purchases."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from core.actors import Actor
from core.canonical import canonical_json
from core.errors import Refusal
from core.locking import lock_all
from loyalty.earning.exact import ZERO
from loyalty.earning.matching import Goods, Match, Sale, match
from loyalty.earning.returns import ReturnedLine, return_pieces
from loyalty.errors import SaleUnknown
from loyalty.models import Batch, Program, Purchase, PurchaseLine, Return
from loyalty.services.sold import Returned, Sold, Taking, read_sold
from loyalty.services.taking import claim_returns, take


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDraft:
    """Goods that come back under a number of their own; a guest's are recorded as money only."""

    source: str
    external_id: str
    store_id: int
    occurred_at: datetime
    goods: tuple[Goods, ...]
    request_key: str
    member_id: int | None = None

    @property
    def digest(self) -> str:
        """Fingerprint the contents, so that a repeated return is told apart from another."""
        contents = [self.store_id, self.member_id, self.occurred_at, *map(list, self.goods)]
        return hashlib.sha256(canonical_json(contents).encode()).hexdigest()


@dataclass(slots=True)
class _Shelf:
    """The lines that returns may be found on, newest first per member and article."""

    sales: dict[tuple[int, str], list[tuple[datetime, Sale]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    places: dict[int, tuple[Sold, int]] = field(default_factory=dict)

    def before(self, draft: ReturnDraft, sku: str) -> list[Sale]:
        """Return what the member had bought of the article when it came back."""
        if draft.member_id is None or not sku:
            return []
        bought = self.sales[draft.member_id, sku]
        return [sale for moment, sale in bought if moment <= draft.occurred_at]


@transaction.atomic
def record_unnamed_returns(
    *,
    organization_id: int,
    drafts: Sequence[ReturnDraft],
    actor: Actor,
    batch: Batch | None = None,
) -> list[Returned | Refusal]:
    """Take back goods in the order of the returns, each from sales that were not returned yet.

    What is found reverses exactly what it earned; what is not found is kept as money only. When
    the organization's first program wants every return to name its sale, all are refused.
    """
    if not drafts:
        return []
    if not _may_be_unnamed(organization_id):
        return [SaleUnknown() for _draft in drafts]
    lines = lock_sales(organization_id=organization_id, drafts=drafts)
    rows = [_row(draft, organization_id, actor, batch) for draft in drafts]
    refusals = claim_returns(rows)
    new = [
        (draft, row)
        for draft, row, refusal in zip(drafts, rows, refusals, strict=True)
        if refusal is None
    ]
    done = {one.row.pk: one for one in _carry_out(new, lines, actor, batch)}
    return [refusal or done[row.pk] for row, refusal in zip(rows, refusals, strict=True)]


def lock_sales(*, organization_id: int, drafts: Iterable[ReturnDraft]) -> list[int]:
    """Lock the purchases these returns may be found on; return the lines in question.

    Purchases are locked before members and accounts, so whoever records sales in the same
    transaction calls this first.
    """
    wanted = {
        (draft.member_id, goods.sku)
        for draft in drafts
        for goods in draft.goods
        if draft.member_id is not None and goods.sku
    }
    rows = _returnable(organization_id, wanted) if wanted else []
    lock_all(Purchase, {purchase_id for _line_id, purchase_id in rows})
    return [line_id for line_id, _purchase_id in rows]


def _may_be_unnamed(organization_id: int) -> bool:
    programs = Program.objects.filter(
        organization_id=organization_id, status=Program.Status.LIVE, is_open=True
    )
    first = programs.order_by("pk").first()
    return first is None or first.terms.return_without_sale == "match_sku"


def _returnable(organization_id: int, wanted: set[tuple[int, str]]) -> list[tuple[int, int]]:
    members, skus = zip(*sorted(wanted), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT line.id, line.purchase_id
            FROM unnest(%s::bigint[], %s::text[]) AS wanted(member_id, sku)
            CROSS JOIN LATERAL (
                SELECT wanted.member_id AS id
                UNION ALL
                SELECT id FROM members_member WHERE merged_into_id = wanted.member_id
            ) person
            JOIN loyalty_purchase purchase ON purchase.member_id = person.id
            JOIN loyalty_purchaseline line
                ON line.purchase_id = purchase.id AND line.sku = wanted.sku
            WHERE purchase.organization_id = %s AND line.returned_quantity < line.quantity
            """,
            [list(members), list(skus), organization_id],
        )
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows


def _row(draft: ReturnDraft, organization_id: int, actor: Actor, batch: Batch | None) -> Return:
    return Return(
        organization_id=organization_id,
        source=draft.source,
        external_id=draft.external_id,
        status=Return.Status.UNMATCHED,
        member_id=draft.member_id,
        store_id=draft.store_id,
        content_digest=draft.digest,
        request_key=draft.request_key,
        actor=actor.name,
        batch=batch,
        occurred_at=draft.occurred_at,
    )


def _carry_out(
    new: Sequence[tuple[ReturnDraft, Return]],
    line_ids: Sequence[int],
    actor: Actor,
    batch: Batch | None,
) -> list[Returned]:
    shelf = _shelf(line_ids)
    matches = [
        [match(goods, shelf.before(draft, goods.sku)) for goods in draft.goods]
        for draft, _row in new
    ]
    takings = [
        _taking(row, found, shelf) for (_draft, row), found in zip(new, matches, strict=True)
    ]
    done = take(takings, actor=actor, batch=batch)
    for one, found in zip(done, matches, strict=True):
        one.matches = found
    return done


def _shelf(line_ids: Sequence[int]) -> _Shelf:
    shelf = _Shelf()
    lines = PurchaseLine.objects.filter(pk__in=line_ids).select_related("purchase__member")
    newest = list(lines.order_by("-purchase__occurred_at", "-purchase_id", "number"))
    sold = read_sold({line.purchase_id: line.purchase for line in newest}.values())
    for line in newest:
        one = sold[line.purchase_id]
        one.lines[line.number] = line
        shelf.places[line.pk] = (one, line.number)
        sale = Sale(
            key=line.pk,
            quantity=line.quantity,
            amount=line.amount,
            quantity_left=line.quantity - line.returned_quantity,
            amount_left=line.amount - line.returned_amount,
        )
        bought_by = one.purchase.member
        assert bought_by is not None, "only a member's sales are searched"
        person_id = bought_by.merged_into_id or bought_by.pk
        shelf.sales[person_id, line.sku].append((one.purchase.occurred_at, sale))
    return shelf


def _taking(row: Return, matches: Sequence[Match], shelf: _Shelf) -> Taking:
    """Plan one return and mark what it takes, so that the next finds only what is left."""
    by_purchase: dict[int, dict[int, ReturnedLine]] = defaultdict(dict)
    touched: dict[int, Sold] = {}
    for piece in (piece for found in matches for piece in found.pieces):
        sold, number = shelf.places[int(piece.key)]
        touched[sold.purchase.pk] = sold
        before = by_purchase[sold.purchase.pk].get(number, ReturnedLine(number, ZERO, ZERO))
        by_purchase[sold.purchase.pk][number] = ReturnedLine(
            number, before.quantity + piece.quantity, before.amount + piece.amount
        )
    taking = Taking(row, unmatched=[found.rest for found in matches if not found.is_full])
    for purchase_id, pieces in by_purchase.items():
        sold = touched[purchase_id]
        plan = return_pieces(sold.sold_lines(pieces), sold.given(), list(pieces.values()))
        sold.mark(plan)
        taking.parts.append((sold, plan))
    _name_what_was_found(row, taking)
    return taking


def _name_what_was_found(row: Return, taking: Taking) -> None:
    if taking.parts:
        row.status = Return.Status.DONE
    if len(taking.parts) == 1:
        row.purchase = taking.parts[0][0].purchase
    if taking.unmatched:
        row.problem = SaleUnknown.code

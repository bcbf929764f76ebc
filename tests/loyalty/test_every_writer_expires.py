"""Points end whoever wrote them: the writers are found in the sources, and each is tried.

A new caller of a verb that makes lots fails the first test until it is listed in ``WAYS``.
"""

import ast
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.activity_drafts import ActivityDraft
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.errors import InsufficientPoints
from loyalty.models import Batch, Lot
from loyalty.receipts import Paid, PointsWish
from loyalty.services import ledger
from loyalty.services.activities import record_activity
from loyalty.services.adjustments import adjust_points
from loyalty.services.due import expire_due_points
from loyalty.services.member_merges import merge_members
from loyalty.services.opening import Opening, bring_forward
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.transfers import Handing, transfer_points
from rewards.services.redemptions import cancel_redemption, redeem
from tests.architecture.sources import called, imported, source, sources
from tests.loyalty.importing.files import import_file, row, text_of
from tests.shops import days_ago
from tests.stampcards import card_of, stamps_by

LEDGER = "loyalty/services/ledger/"


def called_or_made(call):
    """Name what is called, or what ``fresh`` makes a row of."""
    made = called(call)
    is_row = made == "fresh" and call.args and isinstance(call.args[0], ast.Name)
    return call.args[0].id if is_row else made


def functions_calling(one, names):
    """Name the functions of a file that call any of these, or make rows of them."""
    return {
        node.name
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef)
        and any(
            called_or_made(call) in names for call in ast.walk(node) if isinstance(call, ast.Call)
        )
    }


def verbs_that_make_lots(parts):
    """Follow the calls inside the ledger from whoever makes a lot to the verbs it offers."""
    reached = {"Lot"}
    while True:
        more = {name for one in parts for name in functions_calling(one, reached)} | reached
        if more == reached:
            return reached & set(ledger.__all__)
        reached = more


def writers_in(one, verbs):
    """Name the functions outside the ledger that use a verb which makes lots."""
    asked = {name.rpartition(".")[2] for name in imported(one) if "services.ledger" in name}
    if not asked & {*verbs, "ledger"}:
        return set()
    users = {
        f"{one.path}:{node.name}"
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef) and any(name in verbs for name in names_used_in(node))
    }
    return users or {one.path}


def names_used_in(node):
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def by_a_sale(shop, member, write):
    shop.buys(member, "100.00")


def by_an_import(shop, member, write):
    at = timezone.localtime(timezone=shop.organization.zone).isoformat()
    receipt = row("1", "85123A", 10, "10.00", customer=member.external_id, at=at[:19])
    assert import_file(write(text_of([receipt]))).code == 0


def by_a_review(shop, member, write):
    effect = {"type": "fixed_points", "points": 100}
    shop.add_rule({"trigger": {"type": "activity", "kind": "review"}, "effect": effect})
    draft = ActivityDraft(
        member_id=member.pk,
        kind=ActivityKind.REVIEW,
        source="site",
        external_id="a1",
        request_key="review",
        occurred_at=timezone.now(),
        is_dated=False,
    )
    record_activity(organization_id=shop.organization.pk, draft=draft, actor=SYSTEM)


def as_a_gift(shop, member, write):
    card_of(shop, 2, gifts=[{"type": "points", "points": 99}])
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00")


def by_hand(shop, member, write):
    adjust_points(
        program_id=shop.program.pk,
        member_id=member.pk,
        points=100,
        reason="Lost receipt",
        actor=SYSTEM,
        request_key="by-hand",
    )


def by_a_present(shop, member, write):
    giver = shop.member("+447400999999")
    shop.buys(giver, "100.00")
    wish = Handing(
        program_id=shop.program.pk,
        from_id=giver.pk,
        to_id=member.pk,
        points=100,
        reason="A present",
    )
    transfer_points(wish=wish, actor=SYSTEM, request_key="present")


def from_before(shop, member, write):
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    opening = Opening(member_id=member.pk, points=100)
    bring_forward(program_id=shop.program.pk, openings=[opening], batch=batch)
    OutboxEvent.objects.create(
        organization=shop.organization,
        kind="import.finished",
        subject="loyalty.batch",
        subject_id=batch.pk,
        payload={},
    )


def by_a_merge(shop, member, write):
    again = shop.member("+447400999999")
    shop.buys(member, "40.00")
    shop.buys(again, "60.00")
    merge_members(
        organization_id=shop.organization.pk,
        kept_id=member.pk,
        merged_id=again.pk,
        actor=SYSTEM,
        request_key="merge",
    )


def by_a_canceled_reward(shop, member, write):
    shop.settle(goodwill_days=10)
    with time_machine.travel(days_ago(15)):
        shop.buys(member, "100.00")
        taken = redeem(
            reward_id=shop.reward(100).pk, member_id=member.pk, actor=SYSTEM, request_key="taken"
        )
    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="canceled")


def by_goods_that_points_had_paid(shop, member, write):
    shop.settle(point_value="1", pay_with_points={}, goodwill_days=10)
    with time_machine.travel(days_ago(15)):
        shop.buys(member, "100.00")
        paid = Paid(method="points", amount=Decimal(100), points=100)
        wish = PointsWish(program_id=shop.program.pk, points=100)
        shop.records(
            replace(shop.draft(member, "100.00", number="paid"), payments=(paid,), points_wish=wish)
        )
    back = ReturnWish(
        source="till",
        external_id="back",
        sale_source="till",
        sale_external_id="paid",
        occurred_at=timezone.now(),
        request_key="back",
        quantities={1: Decimal(1)},
    )
    record_return(organization_id=shop.organization.pk, wish=back, actor=SYSTEM)


WAYS = {
    "loyalty/services/crediting.py:credit": [by_a_sale, by_an_import, by_a_review],
    "loyalty/services/gifts.py:_give_points": [as_a_gift],
    "loyalty/services/account_merges.py:_carry_on": [by_a_merge],
    "loyalty/services/adjustments.py:post_correction": [by_hand],
    "loyalty/services/opening.py:_bring": [from_before],
    "loyalty/services/points_back.py:give_back": [by_goods_that_points_had_paid],
    "loyalty/services/transfers.py:transfer_points": [by_a_present],
    "rewards/services/redemptions.py:_give_back": [by_a_canceled_reward],
}


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "receipts.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.mark.proves("T6")
def test_every_writer_of_points_is_tried_below():
    inside = [one for one in sources() if one.path.startswith(LEDGER)]
    outside = [one for one in sources() if not one.path.startswith(LEDGER)]

    verbs = verbs_that_make_lots(inside)
    writers = set().union(*(writers_in(one, verbs) for one in outside))

    assert verbs == {"earn", "adjust", "transfer", "merge", "release", "pay_back"}
    assert writers == set(WAYS)


@pytest.mark.parametrize(
    "text",
    [
        "from loyalty.services.ledger import earn\ndef give(book): earn(book, 1, [], None)",
        "from loyalty.services import ledger\ndef give(book): ledger.earn(book, 1, [], None)",
        "from loyalty.services.ledger.postings import earn\ndef give(): return partial(earn)",
    ],
)
def test_a_new_writer_is_seen(text):
    assert writers_in(source(text), {"earn"}) == {"loyalty/made_up.py:give"}


@pytest.mark.proves("T6", "case 20")
@pytest.mark.parametrize("give", [way for ways in WAYS.values() for way in ways])
def test_points_end_whoever_wrote_them(shop, write, give):
    shop.settle(expiry={"type": "after", "days": 10})
    member = shop.member(external_id="17850")
    reward = shop.reward(40)

    give(shop, member, write)
    before = shop.balance(member)
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        with pytest.raises(InsufficientPoints):
            redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="late")
        expire_due_points()

    assert before == 100
    assert shop.entries(member)[-1] == ("expire", -100, 0)
    assert not Lot.objects.filter(remaining__gt=0).exists()

"""Break by SQL what holds for prize draws, and see it named."""

import pytest

from core.services.audit_ledger import violations
from rewards.models import DrawTicket
from tests.draws import by_hand, crowd, drawn, opened
from tests.loyalty.test_audit import tamper
from tests.shops import assert_audit_is_clean, open_shop


@pytest.mark.proves("INV-D1", "INV-D2", "INV-D3", "INV-D4", "INV-D5", "INV-D6", "INV-11")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE rewards_draw SET last_number = 99", "INV-D1"),
        ("UPDATE rewards_drawticket SET last = last + 99 WHERE first = 7", "INV-D1"),
        ("UPDATE rewards_drawticket SET first = 8 WHERE first = 7", "INV-D1"),
        ("DELETE FROM rewards_drawticket WHERE standing = ''", "INV-D1"),
        ("UPDATE rewards_drawticket SET created_at = now() + interval '1 h'", "INV-D2"),
        ("UPDATE rewards_drawticket SET occurred_at = now() + interval '9 d'", "INV-D2"),
        ("UPDATE rewards_drawticket SET occurred_at = now() - interval '9 d'", "INV-D2"),
        ("UPDATE rewards_drawticket SET standing = 'staff' WHERE standing = 'in'", "INV-D3"),
        ("UPDATE rewards_draw SET prizes = '[]'", "INV-D3"),
        ("UPDATE rewards_drawsecret SET seed = salt", "INV-D3"),
        ("DELETE FROM rewards_drawsecret", "INV-D3"),
        ("UPDATE rewards_drawresult SET number = number + 1000", "INV-D4"),
        ("UPDATE rewards_draw SET public_text = 'another' WHERE status = 'drawn'", "INV-D4"),
        ("UPDATE rewards_drawresult SET grant_id = NULL, gets = ''", "INV-D5"),
        ("UPDATE loyalty_grant SET cause_id = cause_id + 99", "INV-D5"),
        ("UPDATE rewards_drawresult SET passed_on_at = now() WHERE gets <> ''", "INV-D5"),
        (
            "UPDATE rewards_drawresult SET"
            " gets = (SELECT gets FROM rewards_drawresult WHERE gets <> ''),"
            " grant_id = (SELECT id FROM loyalty_grant WHERE kind = 'ticket' LIMIT 1)"
            " WHERE kind = 'alternate'",
            "INV-D5",
        ),
        ("DELETE FROM rewards_missedticket", "INV-D6"),
        ("UPDATE loyalty_grant SET count = 5 WHERE kind = 'ticket'", "INV-D6"),
        ("UPDATE loyalty_grant SET target = 'another' WHERE kind = 'ticket'", "INV-D6"),
        (
            "UPDATE rewards_drawresult SET member_id = (SELECT member.id FROM members_member member"
            " JOIN core_organization other ON other.id = member.organization_id"
            " WHERE other.slug = 'elsewhere')",
            "INV-11",
        ),
    ],
)
def test_each_broken_promise_is_named(db, statement, broken):
    shop = open_shop()
    open_shop("elsewhere").member()
    draw, members = crowd(shop, 4, alternates=1)
    shop.add_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": {"type": "draw_tickets", "draw": draw.code, "tickets": 3},
        }
    )
    shop.buys(members[0], "10.00")
    drawn(draw)
    shop.buys(members[0], "10.00")
    by_hand(opened(shop), members[1])
    assert_audit_is_clean()

    tamper(statement)

    assert broken in {one.invariant for one in violations()}
    assert DrawTicket.objects.count() or broken == "INV-D1"

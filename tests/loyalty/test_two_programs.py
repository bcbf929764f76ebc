import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.locking import ORDER
from loyalty.models import Program, Rule, RuleBudget
from tests.shops import ALWAYS

LOCKED = re.compile(r'SELECT "(\w+)".* FOR (?:NO KEY )?UPDATE')
GIFT = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 5},
    "limits": {"budget": 100},
}


def locked_in(asked):
    found = [LOCKED.search(query["sql"]) for query in asked]
    return [match[1] for match in found if match]


def test_what_two_programs_give_is_locked_once_and_in_the_order_of_locks(shop, member):
    shop.add_rule(GIFT)
    second = Program.objects.create(
        organization=shop.organization, slug="wine", name="Wine", status=Program.Status.LIVE
    )
    rule = Rule.objects.create(program=second, code="gift", name="Gift", status="active")
    shop.add_version(rule, GIFT, since=ALWAYS)

    with CaptureQueriesContext(connection) as asked:
        sold = shop.buys(member, "10.00")

    order = [label.replace(".", "_").lower() for label in ORDER]
    tables = locked_in(asked)
    assert tables == ["members_member", "loyalty_account", "loyalty_rulebudget"]
    assert sorted(tables, key=order.index) == tables
    assert [part.outcome.points for part in sold.earned] == [15, 5]
    assert list(RuleBudget.objects.values_list("used", flat=True)) == [5, 5]

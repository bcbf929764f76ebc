"""A receipt means the same whether a till sends it, many come together, or a file has it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from loyalty.earning.receipt import Line, LineKind
from loyalty.models import Batch
from loyalty.receipts import ReceiptDraft
from loyalty.services.purchases import record_many
from members.services.imports import members_for
from tests.loyalty.importing.files import import_file, row, text_of
from tests.loyalty.importing.standing import standing
from tests.shops import assert_audit_is_clean, open_shop

BEGIN = datetime(2026, 3, 27, 8, tzinfo=UTC)  # the clock is put forward two days later
CUSTOMERS = ("", "ann", "ben")
RULES = (
    {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_unit", "points": 3},
        "stacking": {"stage": "bonus"},
        "limits": {"per_member": {"day": 20}},
    },
    {
        "trigger": {"type": "purchase"},
        "effect": {"type": "fixed_points", "points": 7},
        "conditions": [{"type": "minimum_amount", "amount": "10"}],
        "stacking": {"stage": "bonus"},
        "limits": {"budget": 40},
        "expires": {"type": "after", "days": 30},
    },
    {
        "trigger": {"type": "purchase"},
        "effect": {"type": "multiplier", "times": "1.5"},
        "conditions": [{"type": "weekdays_and_hours", "weekdays": ["sunday", "monday"]}],
    },
)
_numbers = count(1)

bought = st.tuples(
    st.sampled_from(["A1", "B2", 'C "3"\\', "POST"]),
    st.integers(0, 5),
    st.decimals(0, 30, places=2),
)
receipts = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS),
        st.integers(0, 4_000),
        st.lists(bought, min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=9,
)


def shop_with_rules():
    """Return a shop whose points last and whose rules have limits and a budget."""
    shop = open_shop(f"shop-{next(_numbers)}")
    shop.settle(expiry={"type": "after", "months": 6, "round_up": "month"})
    for spec in RULES:
        shop.add_rule(spec).save()
    for place, rule in enumerate(shop.program.rules.order_by("pk")):
        rule.name = f"rule {place}"
        rule.save(update_fields=["name"])
    joined = dict.fromkeys(filter(None, CUSTOMERS), BEGIN)
    return shop, members_for(organization_id=shop.organization.pk, joined=joined)


def drafts(shop, members, sold):
    """Return the receipts as a till would send them."""
    return [
        ReceiptDraft(
            source="online-retail",
            external_id=f"r{number}",
            store_id=shop.store.pk,
            store_code=shop.store.code,
            occurred_at=at,
            local=at.astimezone(shop.organization.zone),
            business_date=at.astimezone(shop.organization.zone).date(),
            lines=(lines := tuple(line(*one) for one in enumerate(goods, start=1))),
            total=sum((one.amount for one in lines), Decimal(0)),
            request_key=f"key-{number}",
            member_id=members.get(customer),
            channel="online",
        )
        for number, (customer, minutes, goods) in enumerate(sold)
        for at in [BEGIN + timedelta(minutes=minutes)]
    ]


def line(number, goods):
    sku, quantity, price = goods
    return Line(
        number=number,
        sku=sku,
        name="CUP",
        kind=LineKind.SHIPPING if sku == "POST" else LineKind.PRODUCT,
        quantity=Decimal(quantity),
        amount=quantity * price,
    )


def file_of(sold):
    """Return the same receipts as a file has them."""
    return text_of(
        [
            row(
                f"r{number}",
                sku,
                quantity,
                str(price),
                customer=customer,
                at=(BEGIN + timedelta(minutes=minutes)).isoformat(),
                name="CUP",
            )
            for number, (customer, minutes, goods) in enumerate(sold)
            for sku, quantity, price in goods
        ]
    )


@pytest.mark.django_db
@settings(
    max_examples=6,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(receipts)
def test_a_till_many_receipts_and_a_file_leave_the_same_rows(tmp_path, sold):
    (till, known), (many, also_known), (filed, _known) = [shop_with_rules() for _way in range(3)]
    path = tmp_path / "receipts.csv"
    path.write_text(file_of(sold), encoding="utf-8")

    for draft in drafts(till, known, sold):
        till.records(draft)
    record_many(
        organization_id=many.organization.pk,
        drafts=drafts(many, also_known, sold),
        actor=SYSTEM,
        batch=Batch.objects.create(organization=many.organization, kind="import"),
    )
    ran = import_file(path, slug=filed.organization.slug)

    assert ran.counts == (sum(len(goods) for _who, _when, goods in sold), 0, 0)
    assert by_till(standing(till)) == by_till(standing(many)) == by_till(standing(filed))


@pytest.mark.django_db
def test_so_many_receipts_that_they_are_copied_leave_the_same_rows_too(tmp_path):
    (till, known), (filed, _known) = shop_with_rules(), shop_with_rules()
    sold = [
        (
            CUSTOMERS[n % 3],
            60 * n,
            [(f"SKU {n % 7}\\", n % 4, Decimal(n) / 4), ("B2", 1, Decimal(2))],
        )
        for n in range(120)
    ]
    path = tmp_path / "receipts.csv"
    path.write_text(file_of(sold), encoding="utf-8")

    for draft in drafts(till, known, sold):
        till.records(draft)
    ran = import_file(path, slug=filed.organization.slug)

    assert ran.counts == (240, 0, 0)
    assert standing(filed)["entries"] != []
    assert by_till(standing(till)) == by_till(standing(filed))
    assert_audit_is_clean()


def by_till(stands):
    """Return the rows with nothing said of who is behind the till."""
    return {name: [tuple(map(str, one)) for one in found] for name, found in stands.items()}

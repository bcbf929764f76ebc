"""How rows are read into lines, without any database."""

from decimal import Decimal

import pytest

from loyalty.earning.receipt import Line
from loyalty.importing.goods import spread_below_zero
from loyalty.importing.grouping import grouped
from loyalty.importing.interpreting import ReceiptReader
from loyalty.importing.mapping import parse_mapping
from loyalty.importing.reading import open_table
from loyalty.importing.reasons import Unfit

PLAIN = {
    "source": "till",
    "receipt": "no",
    "occurred_at": {"columns": ["at"]},
    "line": {"amount": ["total"]},
}


@pytest.fixture
def read(tmp_path):
    """Read a file by a mapping, receipt by receipt."""

    def run(text, **mapping):
        path = tmp_path / "receipts.csv"
        path.write_text(text, encoding="utf-8")
        document = parse_mapping({**PLAIN, **mapping})
        table = open_table(path, document.file, document.columns())
        reader = ReceiptReader(document, table, {})
        return [reader.read(group) for group in grouped(table.rows(), table.position("no"))]

    return run


def lines_of(receipt):
    return [(line.sku, line.quantity, line.amount) for line in receipt.sold]


def test_a_file_of_totals_is_one_line_each(read):
    [receipt] = read("no,at,total\n1,2026-05-02T10:00:00,12.50\n")

    assert lines_of(receipt) == [(None, 1, Decimal("12.50"))]
    assert receipt.head.moment.isoformat() == "2026-05-02T10:00:00"


def test_columns_may_stand_in_any_order_and_number(read):
    [receipt] = read("x,total,at,no\n?,12.50,2026-05-02T10:00:00,1\n")

    assert lines_of(receipt) == [(None, 1, Decimal("12.50"))]


def test_date_and_time_may_be_two_columns_in_any_form(read):
    [receipt] = read(
        "no,day,hour,total\n1,02.05.2026,10:15,1\n",
        occurred_at={"columns": ["day", "hour"], "format": "%d.%m.%Y %H:%M"},
    )

    assert receipt.head.moment.isoformat() == "2026-05-02T10:15:00"


def test_a_line_may_bring_its_brand_category_tax_and_cost(read):
    line = {
        "sku": "sku",
        "brand": "brand",
        "category": ["department", "group"],
        "quantity": "n",
        "unit_price": "price",
        "tax": "tax",
        "unit_cost": "cost",
    }

    [receipt] = read(
        "no,at,sku,brand,department,group,n,price,tax,cost\n"
        "1,2026-05-02T10:00:00,7,Acme,Food,Tea,2,3.50,1.12,\n",
        line=line,
    )

    [sold] = receipt.sold
    assert (sold.brand, sold.category) == ("Acme", ("Food", "Tea"))
    assert (sold.amount, sold.tax, sold.unit_cost) == (Decimal("7.00"), Decimal("1.12"), None)


def test_what_is_taken_off_lowers_the_amount(read):
    line = {"amount": ["gross", "fee"], "less": ["coupon"], "discount": ["coupon"]}

    plain, cheaper = read(
        "no,at,gross,fee,coupon\n1,2026-05-02T10:00:00,5,1,\n2,2026-05-02T10:00:00,5,1,2\n",
        line=line,
    )

    assert (lines_of(plain), plain.discounts) == ([(None, 1, 6)], {})
    assert (lines_of(cheaper), cheaper.discounts) == ([(None, 1, 4)], {1: 2})


def test_some_keys_mean_a_guest(read):
    receipts = read(
        "no,at,total,who\n1,2026-05-02T10:00:00,1,NA\n2,2026-05-02T10:00:00,1,7\n",
        member={"column": "who", "guests": ["NA"]},
    )

    assert [receipt.head.member for receipt in receipts] == [None, "7"]


def test_cells_of_any_column_may_decide_how_a_row_is_taken(read):
    rules = [
        {"cells": {"type": ["REFUND"]}, "take_as": "return"},
        {"cells": {"type": ["VOID"]}, "take_as": "refusal", "code": "voided", "because": "Void."},
    ]

    receipts = read(
        "no,at,total,type\n"
        "1,2026-05-02T10:00:00,5,SALE\n"
        "2,2026-05-02T10:00:00,5,REFUND\n"
        "3,2026-05-02T10:00:00,5,VOID\n",
        rows=rules,
    )

    assert [len(receipt.sold) for receipt in receipts] == [1, 0, 0]
    assert [[goods.amount for goods in receipt.back] for receipt in receipts] == [[], [5], []]
    assert [(one.row, one.code) for one in receipts[2].refused] == [(4, "voided")]


@pytest.mark.parametrize(
    ("why", "quantity", "amount", "kind"),
    [
        ("of the first that fits", "1", "-5", "fee"),
        ("by sign", "0", "5", "tip"),
        ("when all parts hold", "1", "5", "product"),
    ],
)
def test_the_first_rule_that_fits_decides_the_kind(read, why, quantity, amount, kind):
    kinds = [
        {"kind": "fee", "amount": "negative", "receipt_starts_with": ["1"]},
        {"kind": "gift_card", "amount": "negative"},
        {"kind": "tip", "quantity": "zero"},
    ]

    [receipt] = read(
        f"no,at,n,total\n1,2026-05-02T10:00:00,{quantity},{amount}\n1,2026-05-02T10:00:00,1,9\n",
        line={"quantity": "n", "amount": ["total"]},
        kinds=kinds,
        below_zero="spread",
    )

    assert receipt.sold[0].kind == kind


def test_rows_without_a_receipt_stand_alone(read):
    receipts = read("no,at,total\n,2026-05-02T10:00:00,1\n,2026-05-02T10:00:00,1\n")

    assert [[one.code for one in receipt.refused] for receipt in receipts] == [
        ["receipt_missing"],
        ["receipt_missing"],
    ]


def test_stores_of_one_receipt_must_agree(read):
    [receipt] = read(
        "no,at,total,shop\n1,2026-05-02T10:00:00,1,A\n1,2026-05-02T10:00:00,1,B\n",
        store={"column": "shop"},
    )

    assert [one.code for one in receipt.refused] == ["stores_differ", "stores_differ"]


@pytest.mark.parametrize(
    ("why", "amounts", "spread"),
    [
        ("nothing below zero", ["5.00", "3.00"], ["5.00", "3.00"]),
        ("by amount", ["5.00", "3.00", "-2.00"], ["3.75", "2.25", "0.00"]),
        ("to the cent", ["1.00", "1.00", "1.00", "-1.00"], ["0.66", "0.67", "0.67", "0.00"]),
        ("to nothing", ["1.00", "0.50", "-1.50"], ["0.00", "0.00", "0.00"]),
        ("nothing at all", ["0.00"], ["0.00"]),
    ],
)
def test_discount_rows_are_spread_over_the_others(why, amounts, spread):
    lines, discounts = spread_below_zero(sold(amounts), {}, round_to=2)

    assert [str(line.amount) for line in lines] == spread
    assert sum(line.amount for line in lines) == sum(map(Decimal, amounts))
    assert all(discount > 0 or not discount for discount in discounts.values())


def test_a_receipt_below_zero_cannot_be_spread():
    with pytest.raises(Unfit) as refused:
        spread_below_zero(sold(["1.00", "-1.01"]), {}, round_to=2)

    assert refused.value.code == "below_zero"
    assert refused.value.is_fault is False


def sold(amounts):
    return [
        Line(number=number, quantity=Decimal(1), amount=Decimal(amount))
        for number, amount in enumerate(amounts, start=1)
    ]

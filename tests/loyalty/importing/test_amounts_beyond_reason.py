from decimal import Decimal

import pytest

from loyalty.importing.cells import exact_amount
from loyalty.importing.grouping import grouped
from loyalty.importing.interpreting import ReceiptReader
from loyalty.importing.mapping import parse_mapping
from loyalty.importing.reading import open_table
from loyalty.importing.reasons import Unfit


@pytest.mark.proves("input 22")
@pytest.mark.parametrize("amount", ["1e50", "-1e50", "100000000000"])
@pytest.mark.parametrize("round_to", [None, 2])
def test_an_amount_beyond_all_room_is_refused_by_its_reason(amount, round_to):
    with pytest.raises(Unfit) as refusal:
        exact_amount(Decimal(amount), round_to)

    assert refusal.value.code == "too_large"


@pytest.mark.proves("input 22")
def test_a_receipt_whose_lines_come_to_more_than_can_be_kept_is_refused(tmp_path):
    path = tmp_path / "receipts.csv"
    path.write_text("no,at,amount\n1,2026-01-05,99999999999\n1,2026-01-05,1\n")
    mapping = parse_mapping(
        {
            "source": "old till",
            "receipt": "no",
            "occurred_at": {"columns": ["at"]},
            "line": {"amount": ["amount"]},
        }
    )
    table = open_table(path, mapping.file, mapping.columns())

    [group] = grouped(table.rows(), table.position("no"))
    read = ReceiptReader(mapping, table, {}).read(group)

    assert (read.sold, [refusal.code for refusal in read.refused]) == ([], ["too_large"] * 2)

"""Receipts as a shop system sends them."""

NOTHING = object()


def receipt(**parts):
    whole = {
        "external_id": "77",
        "store": "1",
        "member": "+447400123456",
        "lines": [
            {"sku": "latte", "name": "Latte", "quantity": "2", "unit_price": "3.40"},
            {"sku": "cake", "category": ["Food", "Cake"], "quantity": "1", "amount": "4.20"},
        ],
        **parts,
    }
    return {name: value for name, value in whole.items() if value is not NOTHING}


def line(**parts):
    return receipt(lines=[{"sku": "a", "quantity": "1", "amount": "5.00", **parts}])


def refused(answer, status, code):
    """Hold that an answer is a refusal of this name; return what it says."""
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    return told

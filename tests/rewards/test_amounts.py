from decimal import Decimal

import pytest

from core.errors import Refusal
from rewards.amounts import typed_amount, typed_quantity


@pytest.mark.proves("input 27")
@pytest.mark.parametrize(
    ("why", "typed", "amount"),
    [
        ("a point", "12.50", "12.50"),
        ("a comma before one digit separates no thousands", "12,5", "12.50"),
        ("Persian digits and sign", "۱۲٫۵", "12.50"),
        ("Persian digits, our point", "۱۲.۵", "12.50"),
        ("full-width", "１２．５", "12.50"),
        ("the last of two signs is the decimal one", "1.234,56", "1234.56"),
        ("the last of two signs is the decimal one", "1,234.56", "1234.56"),
        ("Persian thousands", "۱٬۲۳۴٫۵", "1234.50"),
        ("Swiss thousands", "1'234.50", "1234.50"),
        ("spaces between thousands", "1 234,50", "1234.50"),
        ("a sign that comes twice separates thousands", "1,234,567", "1234567.00"),
        ("Indian thousands", "12,34,567.00", "1234567.00"),
        ("nothing before the sign", ".5", "0.50"),
        ("nothing after the sign", "12.", "12.00"),
        ("a zero before the sign cannot begin thousands", "0,500", "0.50"),
        ("a currency sign", "£12.50", "12.50"),
        ("needless zeros", "12.500", "12.50"),
        ("a comma in English separates thousands", "1,234", "1234.00"),
    ],
)
def test_an_amount_is_read_in_any_notation(why, typed, amount):
    read = typed_amount(typed, decimals=2, grouping=",")

    assert str(read) == amount


@pytest.mark.parametrize(
    ("language", "grouping", "typed", "amount"),
    [
        ("English", ",", "1,234", "1234.00"),
        ("German", ".", "1.234", "1234.00"),
        ("French", "\u202f", "1,500", "1.50"),
        ("German", ".", "1,500", "1.50"),
    ],
)
def test_what_only_the_language_can_tell_the_language_tells(language, grouping, typed, amount):
    read = typed_amount(typed, decimals=2, grouping=grouping)

    assert str(read) == amount


@pytest.mark.proves("input 27")
@pytest.mark.parametrize(
    ("why", "typed", "code"),
    [
        ("nothing", "", "amount_unreadable"),
        ("only a sign", ".", "amount_unreadable"),
        ("a letter", "12,5o", "amount_unreadable"),
        ("negative", "-5", "amount_unreadable"),
        ("an exponent", "1e5", "amount_unreadable"),
        ("infinity", "Infinity", "amount_unreadable"),
        ("two signs in a row", "1..5", "amount_unreadable"),
        ("thousands of one digit", "1,2,3", "amount_unreadable"),
        ("thousands of two kinds", "1,234'567.5", "amount_unreadable"),
        ("thousands after the decimals", "1.23,456.7", "amount_unreadable"),
        ("a superscript", "12²", "amount_unreadable"),
        ("more than any shop sells", "9" * 40, "amount_unreadable"),
        ("thousandths of a pound", "12.345", "amount_too_fine"),
        ("thousandths of a pound", "1." + "9" * 38, "amount_too_fine"),
    ],
)
def test_what_is_no_amount_is_refused_and_never_guessed(why, typed, code):
    with pytest.raises(Refusal) as refusal:
        typed_amount(typed, decimals=2, grouping=",")

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("decimals", "typed", "amount"), [(0, "1500", "1500"), (3, "1.234", "1.234"), (3, "2", "2.000")]
)
def test_the_currency_decides_how_many_decimals_there_are(decimals, typed, amount):
    assert str(typed_amount(typed, decimals=decimals, grouping=",")) == amount


@pytest.mark.parametrize(
    ("typed", "quantity"), [("2", "2"), ("۲", "2"), ("1,250", "1.25"), ("0.5", "0.5")]
)
def test_a_quantity_has_no_thousands(typed, quantity):
    assert typed_quantity(typed) == Decimal(quantity)

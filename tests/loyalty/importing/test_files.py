"""Files in odd shapes: what can be read is read, what cannot is refused before anything is done."""

import gzip
import json

import pytest

from core.models import Store
from loyalty.importing.mapping import PRESETS
from loyalty.models import Product, Purchase, PurchaseLine, ReceiptImport
from tests.loyalty.importing.files import COLUMNS, everything, import_file, refusals, row, text_of

ROWS = [row("1"), row("2", name="CAFÉ MUG")]
GOOD = text_of(ROWS)


def nothing_happened():
    return everything() == [0] * 8 and not ReceiptImport.objects.exists()


@pytest.mark.parametrize(
    ("why", "content", "told"),
    [
        ("as it is", GOOD.encode(), "utf-8, delimiter ','"),
        ("compressed", gzip.compress(GOOD.encode()), "utf-8, delimiter ','"),
        ("with a mark", GOOD.encode("utf-8-sig"), "utf-8-sig, delimiter ','"),
        ("as a spreadsheet saves it", GOOD.encode("utf-16"), "utf-16, delimiter ','"),
        ("with semicolons", text_of(ROWS, delimiter=";").encode(), "utf-8, delimiter ';'"),
        ("with tabs", text_of(ROWS, delimiter="\t").encode(), "utf-8, delimiter '\\t'"),
        ("with other line ends", GOOD.replace("\n", "\r\n").encode(), "utf-8, delimiter ','"),
        (
            "with more columns",
            GOOD.replace("Country", "Country,Note").replace("Kingdom", "Kingdom,x").encode(),
            "utf-8, delimiter ','",
        ),
    ],
)
@pytest.mark.proves("input 85")
def test_encoding_and_delimiter_are_found_and_shown(shop, write, why, content, told):
    ran = import_file(write(content))

    names = PurchaseLine.objects.order_by("purchase__external_id").values_list("name", flat=True)
    assert told in ran.out
    assert ran.counts == (2, 0, 0)
    assert names[1] == "CAFÉ MUG"


def test_a_quoted_cell_may_hold_quotes_and_delimiters(shop, write):
    import_file(write([row("1", name='12" MUG, BLUE')]))

    assert Product.objects.get().name == '12" MUG, BLUE'


@pytest.mark.proves("input 85")
def test_an_encoding_that_cannot_be_found_is_named(shop, write):
    path = write(GOOD.encode("cp1252"))

    ran = import_file(path)
    nothing = nothing_happened()
    mapping = preset("online-retail", file={"encoding": "cp1252"})
    done = import_file(path, mapping=write(json.dumps(mapping), "mapping.json"))

    assert (ran.code, nothing) == (1, True)
    assert "the file is not utf-8. Name its encoding." in ran.out
    assert done.counts == (2, 0, 0)


BIG = text_of([row(str(number)) for number in range(1, 4001)])


@pytest.mark.parametrize(
    ("why", "content", "sentence"),
    [
        ("empty", b"", "The file is empty."),
        ("a header alone", text_of([]).encode(), "The file has a header and no rows."),
        ("cut short", gzip.compress(BIG.encode())[:-200], "cut short or damaged at row"),
        ("damaged", b"\x1f\x8b\x08\x00" + b"x" * 400, "cut short or damaged at row 1."),
        ("not compressed at all", b"\x1f\x8bno", "cut short or damaged at row 1."),
        (
            "a quote without end",
            BIG.replace("\n2000,85123A,", '\n2000,85123A,"').encode(),
            "From row 2001 on a quotation mark is opened and not closed.",
        ),
        (
            "a quote without end at the end",
            BIG.replace("\n4000,85123A,", '\n4000,85123A,"').encode(),
            "From row 4001 on a quotation mark is opened and not closed.",
        ),
        (
            "a column is missing",
            text_of([], columns=COLUMNS[:-3]).encode() + b"1,2,3,4,5\n",
            "The file has no column CustomerID, UnitPrice, Country; it has InvoiceNo,",
        ),
        (
            "another file",
            b"a;b\n1;2\n",
            "The file has no column InvoiceNo, InvoiceDate,",
        ),
        (
            "a doubled header",
            BIG.replace("Country", "Country,Quantity").encode(),
            "Two columns are named Quantity.",
        ),
        ("a million columns", b"a," * 1_000_000 + b"\n1\n", "has more than 1000 columns."),
    ],
)
@pytest.mark.proves("input 85")
def test_a_file_that_cannot_be_read_changes_nothing(shop, write, why, content, sentence):
    path = write(content)

    ran = import_file(path)

    assert ran.code == 1
    assert ran.out.startswith(f"{path}: ")
    assert sentence in ran.out
    assert nothing_happened()


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_a_file_that_is_not_there_is_named(shop, tmp_path, name):
    ran = import_file(tmp_path / name)

    assert ran.code == 1
    assert "The file cannot be opened: " in ran.out


@pytest.mark.proves("input 85")
def test_ragged_rows_are_refused_with_their_receipt_and_number(shop, write):
    text = text_of([row("1"), row("1"), row("2"), row("3"), row("4")])
    lines = text.splitlines()
    lines[2] += ",surplus"
    lines[4] = "3,85123A,NAME"

    ran = import_file(write("\n".join(lines)))

    assert ran.code == 1
    assert refusals() == [(2, "1", "incomplete"), (3, "1", "ragged_row"), (5, "3", "ragged_row")]
    assert "row 3 1: ragged_row, The row has 9 cells and the header 8." in ran.out
    assert sorted(Purchase.objects.values_list("external_id", flat=True)) == ["2", "4"]


def test_numbers_in_the_wrong_format_import_nothing(shop, write):
    ran = import_file(write([row(str(number), price="2,50") for number in range(20)]))

    assert ran.code == 1
    assert ran.counts == (0, 20, 0)
    assert everything()[:7] == [0] * 7


def test_numbers_are_read_as_the_mapping_says(shop, write):
    mapping = preset("online-retail", numbers={"decimal_mark": ",", "thousands_mark": "."})

    ran = import_file(
        write([row("1", price="1.234,50"), row("2", price="1.23,4"), row("3", price="7,5")]),
        mapping=write(json.dumps(mapping), "mapping.json"),
    )

    totals = Purchase.objects.order_by("external_id").values_list("total", flat=True)
    assert [str(total) for total in totals] == ["1234.500", "7.500"]
    assert refusals() == [(3, "2", "not_a_number")]
    assert ran.code == 1


@pytest.mark.parametrize(
    ("why", "content", "sentence"),
    [
        ("no JSON", "{", "is neither a preset nor a readable JSON file."),
        ("no object", "[]", "mapping: Give an object with fields."),
        ("nothing in it", "{}", "source: This is needed."),
        ("a field too many", '{"sources": "x"}', "sources: There is no such field."),
        ("not there", None, "is neither a preset nor a readable JSON file."),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(shop, write, tmp_path, why, content, sentence):
    mapping = tmp_path / "none.json" if content is None else write(content, "mapping.json")

    ran = import_file(write(GOOD), mapping=mapping)

    assert ran.code == 1
    assert sentence in ran.out
    assert nothing_happened()


GROCERIES = """household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,\
coupon_disc,coupon_match_disc,week,transaction_local
900,330,1,100,1,5.00,1.00,0.0,0.0,1,2017-01-01T06:53:26
900,330,1,200,2,3.00,0.0,0.0,0.0,1,2017-01-01T06:53:26
900,330,1,300,0,0.0,0.0,2.00,0.0,1,2017-01-01T06:53:26
900,331,2,100,1,4.440892e-16,0.0,0.0,0.0,1,2017-03-12T02:30:00
900,331,3,100,1,1.00,0.0,0.0,0.0,1,2017-11-05T01:30:00
900,331,3,300,0,0.0,0.0,1.50,0.0,1,2017-11-05T01:30:00
"""
PRODUCTS = """product_id,manufacturer_id,department,brand,product_category,product_type,package_size
100,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB
200,2,PASTRY,Private,,COOKIES: REGULAR,
"""


def test_stores_are_opened_on_first_sight_when_the_mapping_says_so(shop, write):
    ran = import_file(write(GROCERIES), mapping="complete-journey")

    assert ran.code == 0
    assert sorted(Store.objects.values_list("code", flat=True)) == ["1", "330", "331"]
    assert Purchase.objects.get(external_id="1").store.code == "330"


def test_stores_are_not_opened_when_it_does_not(shop, write):
    mapping = preset("complete-journey", store={"column": "store_id"})

    ran = import_file(write(GROCERIES), mapping=write(json.dumps(mapping), "mapping.json"))

    assert ran.code == 1
    assert {code for _row, _receipt, code in refusals()} == {"store_code_unknown", "below_zero"}
    assert Purchase.objects.count() == 0


def test_a_coupon_for_the_whole_receipt_lowers_every_line(shop, write):
    import_file(write(GROCERIES), mapping="complete-journey")

    lines = Purchase.objects.get(external_id="1").lines.order_by("number")
    assert [(str(line.amount), str(line.discount)) for line in lines] == [
        ("3.750", "2.250"),
        ("2.250", "0.750"),
        ("0.000", "0.000"),
    ]


def test_a_receipt_below_zero_is_refused_as_foreseen(shop, write):
    ran = import_file(write(GROCERIES), mapping="complete-journey")

    assert ran.code == 0
    assert refusals() == [(6, "3", "below_zero"), (7, "3", "below_zero")]


def test_dust_of_floating_point_is_rounded_away(shop, write):
    import_file(write(GROCERIES), mapping="complete-journey")

    assert str(Purchase.objects.get(external_id="2").total) == "0.000"


def test_articles_are_described_by_the_file_beside(shop, write):
    write(gzip.compress(PRODUCTS.encode()), "products.csv.gz")

    import_file(write(GROCERIES), mapping="complete-journey")

    ice, cookies, coupon = Product.objects.order_by("sku")
    assert (ice.name, ice.brand) == ("ICE - CRUSHED/CUBED", "National")
    assert ice.category == ["GROCERY", "FRZN ICE", "ICE - CRUSHED/CUBED"]
    assert cookies.category == ["PASTRY", "COOKIES: REGULAR"]
    assert (coupon.name, coupon.category) == ("", [])


def test_the_file_of_articles_may_be_elsewhere(shop, write, tmp_path):
    elsewhere = write(PRODUCTS, "articles.csv")

    ran = import_file(write(GROCERIES), "--products", str(elsewhere), mapping="complete-journey")

    assert "products.csv.gz is not there" not in ran.out
    assert Product.objects.get(sku="100").brand == "National"


def test_without_the_file_of_articles_the_import_says_so(shop, write):
    ran = import_file(write(GROCERIES), mapping="complete-journey")

    assert "products.csv.gz is not there: articles stay without names" in ran.out


@pytest.mark.parametrize(
    ("why", "content", "sentence"),
    [
        ("not there", None, "The file cannot be opened"),
        ("a ragged row", PRODUCTS + "300\n", "Row 4 of articles.csv cannot be used."),
        ("a column is missing", "product_id\n1\n", "The file has no column product_type, brand"),
    ],
)
def test_a_faulty_file_of_articles_imports_nothing(shop, write, tmp_path, why, content, sentence):
    path = tmp_path / "no.csv" if content is None else write(content, "articles.csv")

    ran = import_file(write(GROCERIES), "--products", str(path), mapping="complete-journey")

    assert ran.code == 1
    assert sentence in ran.out
    assert nothing_happened()


def test_articles_are_no_use_to_a_mapping_without_them(shop, write):
    ran = import_file(write(GOOD), "--products", str(write(PRODUCTS, "articles.csv")))

    assert ran.code == 1
    assert "says nothing of a products file" in ran.out


def preset(name, **changes):
    """A preset with something else in it."""
    return {**json.loads((PRESETS / f"{name}.json").read_text()), **changes}

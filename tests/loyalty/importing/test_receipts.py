"""What becomes of the rows of small files."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.models import AuditRecord, OutboxEvent, Store
from loyalty.models import Award, Entry, Product, Purchase, PurchaseLine, ReceiptImport
from loyalty.signals import purchase_recorded
from members.models import Card, Member
from tests.loyalty.importing.files import everything, import_file, refusals, row, text_of
from tests.shops import open_shop


def balances():
    return dict(
        Member.objects.filter(holdings__isnull=False).values_list(
            "external_id", "holdings__account__balance"
        )
    )


def test_a_receipt_becomes_a_purchase_of_a_member_who_earns(shop, imported):
    ran = imported([row("536365", "85123A", 6, "2.55"), row("536365", "71053", 6, "3.39")])

    purchase = Purchase.objects.get()
    member = Member.objects.get()
    assert ran.code == 0
    assert ran.counts == (2, 0, 0)
    assert (purchase.source, purchase.external_id) == ("online-retail", "536365")
    assert (purchase.store, purchase.member, purchase.channel) == (shop.store, member, "online")
    assert purchase.total == Decimal("35.64")
    assert purchase.metadata == {"country": "United Kingdom"}
    assert list(purchase.lines.order_by("number").values_list("sku", "quantity", "amount")) == [
        ("85123A", 6, Decimal("15.30")),
        ("71053", 6, Decimal("20.34")),
    ]
    assert balances() == {"17850": 35}


def test_a_new_member_has_the_shops_key_a_card_and_the_day_of_the_first_receipt(imported):
    imported([row("1", at="2011-05-02T10:00:00"), row("2", at="2011-05-03T10:00:00")])

    member = Member.objects.get()
    assert (member.external_id, member.joined_source) == ("17850", "import")
    assert member.joined_at == datetime(2011, 5, 2, 9, tzinfo=UTC)
    assert Card.objects.get().member == member


def test_a_member_who_is_known_by_the_key_is_found(shop, imported):
    known = shop.member(external_id="17850")

    imported([row("1")])

    assert Purchase.objects.get().member == known
    assert Member.objects.count() == 1


def test_who_was_merged_earns_as_who_they_became(shop, imported):
    survivor = shop.member()
    shop.member(phone="+447400123457", external_id="17850")
    Member.objects.filter(external_id="17850").update(status="merged", merged_into=survivor)

    imported([row("1")])

    assert Purchase.objects.get().member == survivor


def test_a_guests_receipt_is_recorded_and_earns_nothing(imported):
    imported([row("1", customer="")])

    assert Purchase.objects.get().member is None
    assert Entry.objects.count() == Member.objects.count() == 0


def test_two_equal_lines_of_a_receipt_are_two_lines(imported):
    ran = imported([row("1"), row("1")])

    assert ran.counts == (2, 0, 0)
    assert Purchase.objects.get().total == Decimal("4.00")
    assert PurchaseLine.objects.count() == 2


@pytest.mark.parametrize(("why", "quantity", "price"), [("gift", 3, "0"), ("note", 0, "2.00")])
def test_lines_without_quantity_or_price_are_kept_and_earn_nothing(imported, why, quantity, price):
    ran = imported([row("1", quantity=quantity, price=price)])

    assert ran.counts == (1, 0, 0)
    assert PurchaseLine.objects.get().amount == 0
    assert Award.objects.count() == 0


def test_postage_and_fees_and_gift_vouchers_earn_nothing(imported):
    rows = [
        row("1", "POST", 1, "18.00"),
        row("1", "M", 1, "5.00"),
        row("1", "gift_0001_20", 1, "20.00"),
        row("1", "85123A", 1, "2.00"),
    ]

    imported(rows)

    kinds = PurchaseLine.objects.order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["shipping", "fee", "gift_card", "product"]
    assert balances() == {"17850": 2}


def test_the_mapping_refuses_rows_that_are_no_sale_by_name(imported):
    ran = imported([row("A1", "B", 1, "11062.06"), row("2", quantity=-5, price="0"), row("3")])

    assert ran.code == 0
    assert ran.counts == (1, 2, 0)
    assert refusals() == [(2, "A1", "bad_debt"), (3, "2", "stock_correction")]
    assert [one.external_id for one in Purchase.objects.all()] == ["3"]


def test_a_faulty_row_takes_its_whole_receipt_with_it_and_no_other(imported):
    ran = imported([row("1"), row("2"), row("2", price="2,50"), row("2"), row("3")])

    assert ran.code == 1
    assert ran.counts == (2, 3, 0)
    assert refusals() == [
        (3, "2", "incomplete"),
        (4, "2", "not_a_number"),
        (5, "2", "incomplete"),
    ]
    assert "row 4 2: not_a_number, '2,50' is not a number." in ran.out
    assert sorted(Purchase.objects.values_list("external_id", flat=True)) == ["1", "3"]


@pytest.mark.parametrize(
    ("why", "changes", "reason"),
    [
        ("no number", {"quantity": "six"}, "not_a_number"),
        ("digits of another script", {"quantity": "٣"}, "not_a_number"),
        ("no such number", {"price": "NaN"}, "not_a_number"),
        ("nothing there", {"price": ""}, "not_a_number"),
        ("an exponent", {"price": "1e2"}, "not_a_number"),
        ("finer than money is kept", {"price": "1.2345"}, "too_many_decimals"),
        ("finer than goods are kept", {"quantity": "0.1234"}, "too_many_decimals"),
        ("more than is ever sold", {"quantity": "99999999999"}, "too_large"),
        ("more than is ever paid", {"price": "100000000000"}, "too_large"),
        ("no date", {"at": "yesterday"}, "not_a_time"),
        ("no such date", {"at": "2011-02-30T10:00:00"}, "not_a_time"),
        ("before there were tills", {"at": "0001-01-01T00:00:00"}, "too_old"),
        ("not yet", {"at": "2999-01-01T00:00:00"}, "future_date"),
        ("a price below zero", {"price": "-1.00"}, "negative_amount"),
        ("a control character", {"sku": "85\x07A"}, "text_not_allowed"),
        ("a number without end", {"sku": "8" * 65}, "text_too_long"),
        ("accents in a pile", {"name": "a" + "\u0301" * 9}, "stacked_marks"),
        ("no receipt", {"receipt": " "}, "receipt_missing"),
    ],
)
@pytest.mark.proves("input 40")
def test_what_cannot_be_a_sale_is_refused_by_name(imported, why, changes, reason):
    ran = imported([row(**{"receipt": "1", **changes})])

    assert ran.code == 1
    assert ran.counts == (0, 1, 0)
    assert [code for _row, _receipt, code in refusals()] == [reason]
    assert everything()[:5] == [0, 0, 0, 0, 0]


def test_the_rows_of_a_receipt_must_agree_on_the_customer(imported):
    ran = imported([row("1", customer="17850"), row("1", customer="13047")])

    assert ran.code == 1
    assert {code for _row, _receipt, code in refusals()} == {"members_differ"}


def test_a_receipt_may_have_two_time_stamps_and_happened_at_the_first(imported):
    imported([row("1", at="2011-05-02T10:01:00"), row("1", at="2011-05-02T10:00:00")])

    assert Purchase.objects.get().occurred_at == datetime(2011, 5, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("why", "told", "instant"),
    [
        ("in winter", "2010-12-01T08:26:00", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("in summer", "2011-07-01T08:26:00", datetime(2011, 7, 1, 7, 26, tzinfo=UTC)),
        ("a skipped hour", "2011-03-27T01:30:00", datetime(2011, 3, 27, 1, 30, tzinfo=UTC)),
        (
            "an hour that came twice",
            "2011-10-30T01:30:00",
            datetime(2011, 10, 30, 0, 30, tzinfo=UTC),
        ),
        (
            "with its own offset",
            "2011-07-01T08:26:00+05:30",
            datetime(2011, 7, 1, 2, 56, tzinfo=UTC),
        ),
    ],
)
def test_times_are_read_on_the_stores_clock(imported, why, told, instant):
    imported([row("1", at=told)])

    assert Purchase.objects.get().occurred_at == instant


def test_the_business_day_is_the_stores(imported):
    imported([row("1", at="2011-07-01T00:30:00")])

    assert str(Purchase.objects.get().business_date) == "2011-07-01"


def test_points_follow_the_rules_of_the_day(shop, imported):
    doubled = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 2},
    }
    shop.add_version(shop.rule, doubled, since=datetime(2011, 6, 1, tzinfo=UTC))

    imported([row("1", at="2011-05-31T12:00:00"), row("2", at="2011-06-01T12:00:00")])

    awards = Award.objects.order_by("purchase__occurred_at")
    assert list(awards.values_list("awarded", "rule_version__number")) == [(2, 1), (4, 2)]


def test_history_is_silent_and_told_of_once(shop, imported):
    heard = []

    def listen(sender, **_):
        heard.append(sender)

    purchase_recorded.connect(listen)
    imported([row("1"), row("C2", quantity=-1, at="2011-05-03T10:00:00")])
    purchase_recorded.disconnect(listen)

    [told] = OutboxEvent.objects.all()
    assert heard == []
    assert (told.kind, told.subject) == ("import.finished", "loyalty.batch")
    assert told.payload["report"]["accepted"] == 2
    assert AuditRecord.objects.get(verb="imported").subject == "loyalty.receiptimport"


@pytest.mark.proves("M2")
def test_the_same_file_twice_changes_nothing(imported):
    rows = [row("1"), row("C2", quantity=-1, at="2011-05-03T10:00:00"), row("3", customer="")]
    imported(rows)
    before = everything(), balances()

    ran = imported(rows)

    assert ran.code == 0
    assert ran.counts == (0, 0, 3)
    assert (everything(), balances()) == before


@pytest.mark.proves("M2")
def test_a_file_that_overlaps_another_adds_what_is_new(imported):
    imported([row("1"), row("2")])

    ran = imported([row("2"), row("3", at="2011-05-04T10:00:00")])

    assert ran.counts == (1, 0, 1)
    assert balances() == {"17850": 6}


@pytest.mark.proves("M2")
def test_a_receipt_that_stands_twice_in_a_file_counts_once(imported):
    ran = imported([row("1"), row("2"), row("1")])

    assert ran.counts == (2, 0, 1)
    assert balances() == {"17850": 4}


def test_rows_of_a_receipt_that_stand_apart_are_refused(imported):
    ran = imported([row("1"), row("2"), row("1", "71053")])

    assert ran.code == 1
    assert refusals() == [(4, "1", "scattered")]
    assert Purchase.objects.get(external_id="1").total == Decimal("2.00")


def test_a_known_number_with_other_contents_is_refused(imported):
    imported([row("1")])

    ran = imported([row("1", price="3.00")])

    assert ran.code == 1
    assert refusals() == [(2, "1", "receipt_conflict")]
    assert Purchase.objects.get().total == Decimal("2.00")


def test_nobody_is_made_a_member_by_a_receipt_that_is_refused(imported):
    imported([row("1")])

    imported([row("1", customer="13047")])

    assert [member.external_id for member in Member.objects.all()] == ["17850"]


def test_a_receipt_has_no_more_than_five_thousand_lines(imported):
    rows = [row("1") for _ in range(5_001)]

    ran = imported(rows)

    assert ran.counts == (0, 5_001, 0)
    assert {code for _row, _receipt, code in refusals()} == {"too_many_lines"}
    assert ran.out.splitlines()[-1] == "and 4,001 more rows"


def test_blank_rows_are_no_rows_and_numbers_are_a_spreadsheets(imported):
    text = text_of([row("1"), row("2", price="x")]).replace("\n2,", "\n\n,,,,,,,\n2,")

    ran = imported(text)

    assert ran.counts == (1, 1, 0)
    assert refusals() == [(5, "2", "not_a_number")]


@pytest.mark.proves("M3")
def test_a_dry_run_reports_what_the_real_run_does_and_leaves_nothing(shop, imported):
    rows = [
        row("1", price="9.00"),
        row("C2", quantity=-1, price="9.00", at="2011-05-03T10:00:00"),
        row("A3", "B"),
        row("4", price="x"),
    ]

    tried = imported(rows, "--dry-run")
    left = everything(), ReceiptImport.objects.count(), OutboxEvent.objects.count()
    done = imported(rows)

    assert left == ([0] * 8, 0, 0)
    assert tried.report == done.report
    assert (tried.code, done.code) == (1, 1)


def test_everything_was_bought_in_the_store_that_is_named(shop, write):
    other = Store.objects.create(organization=shop.organization, code="2", name="Two")

    ran = import_file(write([row("1")]), "--store", "2")

    assert ran.code == 0
    assert Purchase.objects.get().store == other


@pytest.mark.parametrize(("why", "options"), [("which of two", ()), ("unknown", ("--store", "9"))])
def test_the_store_must_be_known(shop, write, why, options):
    Store.objects.create(organization=shop.organization, code="2", name="Two")

    ran = import_file(write([row("1")]), *options)

    assert ran.code == 1
    assert ran.out.startswith("--store: ")
    assert everything() == [0] * 8


def test_an_organization_that_does_not_exist_imports_nothing(db, write):
    ran = import_file(write([row("1")]), slug="nowhere")

    assert ran.code == 1
    assert "organization" in ran.out


def test_two_organizations_import_the_same_file_apart(shop, write):
    other = open_shop("low-road")
    path = write([row("1")])

    import_file(path)
    ran = import_file(path, slug="low-road")

    assert ran.counts == (1, 0, 0)
    assert Purchase.objects.filter(organization=other.organization).count() == 1
    assert Product.objects.filter(organization=other.organization).count() == 1


def test_without_a_live_program_purchases_are_recorded_and_nobody_earns(shop, imported):
    shop.program.status = "draft"
    shop.program.save()

    ran = imported([row("1"), row("C2", quantity=-1, at="2011-05-03T10:00:00")])

    assert ran.counts == (2, 0, 0)
    assert Entry.objects.count() == 0

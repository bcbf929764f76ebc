"""Batches and shared codes in the office: ordered, found, printed, given out, stopped."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditRecord
from core.models.people import Role
from rewards.models import Voucher, VoucherBatch, VoucherUse
from rewards.services.voucher_batches import work_on, work_on_batches
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of
from tests.vouchers import batch_of, codes_of, shared_code, use

HOME = "/office/high-street/vouchers/"
NOWHERE = UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def reward(shop):
    return shop.reward(40, name="Coffee")


def ordered(reward, /, **typed):
    blank = {"prefix": "", "valid_from": "", "valid_until": ""}
    known = {"name": "Leaflet", "reward": reward.public_id, "wanted": "5", "random_chars": "11"}
    return keyed(**(known | blank | typed))


def worded(reward, /, **typed):
    blank = {"uses_max": "", "per_member_max": "", "valid_from": "", "valid_until": ""}
    return keyed(**({"word": "Summer-26", "reward": reward.public_id} | blank | typed))


def errors(page):
    return {name: list(map(str, said)) for name, said in page.context["form"].errors.items()}


def page_of(batch, what=""):
    return f"{HOME}batches/{batch.public_id}/{what}"


def noted(subject):
    records = AuditRecord.objects.filter(subject=subject).order_by("pk")
    return list(records.values_list("verb", flat=True))


# --- ordering ------------------------------------------------------------------------------------


@pytest.mark.proves("P2")
def test_a_batch_is_ordered_at_once_and_made_while_its_page_is_watched(shop, office, reward):
    page = office.post(f"{HOME}batches/new/", ordered(reward, wanted="6", prefix="gh"), follow=True)
    batch = VoucherBatch.objects.get()
    work_on(batch_id=batch.pk, chunk=4)
    half = office.get(page_of(batch), headers={"HX-Request": "true"})
    work_on_batches()
    done = office.get(page_of(batch))

    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "Reload" in text_of(page)
    assert (half.context["row"].percent, "4 of 6 codes" in text_of(half)) == (66, True)
    assert "<html" not in half.content.decode()
    assert (done.context["row"].made, "hx-get" in done.content.decode()) == (6, False)
    assert {one.code[:2] for one in codes_of(batch)} == {"GH"}


@pytest.mark.proves("input 113")
@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"wanted": "10000000"}, "wanted", "1000000"),
        ({"prefix": "A%"}, "prefix", "capital letters without I, L, O and U"),
        ({"prefix": "A_"}, "prefix", "capital letters without I, L, O and U"),
        ({"prefix": "ABCDE"}, "prefix", "cannot be told from others"),
        ({"random_chars": "10"}, "random_chars", "49.8 random bits could be guessed"),
        ({"name": "  "}, "name", "required"),
        ({"reward": NOWHERE}, "reward", "not one of the available choices"),
        (
            {"valid_from": "2027-01-02", "valid_until": "2027-01-01"},
            "valid_until",
            "before the first",
        ),
    ],
)
def test_what_is_no_batch_is_told_beside_its_field(shop, office, reward, typed, field, said):
    page = office.post(f"{HOME}batches/new/", ordered(reward, **typed))

    assert said in errors(page)[field][0]
    assert VoucherBatch.objects.count() == 0


@pytest.mark.proves("I8")
def test_a_form_that_is_sent_twice_orders_once(shop, office, reward):
    sent = ordered(reward)

    answers = [office.post(f"{HOME}batches/new/", sent).url for _ in range(2)]

    assert answers[0] == answers[1]
    assert VoucherBatch.objects.count() == 1


def test_without_rewards_there_is_nothing_to_order(shop, office):
    for page in ("batches/new/", "codes/new/"):
        assert "there is none yet" in text_of(office.get(f"{HOME}{page}", follow=True))


# --- one batch -----------------------------------------------------------------------------------


def test_a_code_is_found_by_its_last_characters_and_its_use_undone(shop, office, reward):
    batch = batch_of(shop, 3, reward=reward)
    first, *_ = codes_of(batch)
    use(first, store=shop.store)

    found = office.get(page_of(batch), {"ending": first.code[-5:].lower()})
    short = office.get(page_of(batch), {"ending": first.code[-3:]})
    [row] = found.context["matches"]
    url = f"{HOME}uses/{row.use}/release/"
    silent = office.post(url, keyed(reason=""), follow=True)
    office.post(url, keyed(reason="Wrong cup"))

    first.refresh_from_db()
    assert (row.label, row.store) == ("Used up", "One")
    assert short.context["matches"] == []
    assert "This field is required" in text_of(silent)
    assert (first.status, first.uses) == ("issued", 0)
    assert noted("rewards.voucher") == ["released"]


def test_stopping_says_how_many_and_makes_them_worthless(shop, office, reward):
    batch = batch_of(shop, 3, reward=reward)
    use(codes_of(batch)[0])

    asked = office.get(page_of(batch))
    stopped = office.post(page_of(batch, "stop/"), keyed(), follow=True)
    again = office.post(page_of(batch, "stop/"), keyed(), follow=True)

    assert "This will make 2 unused codes worthless for good" in text_of(asked)
    assert stopped.context["batch"].status == "stopped"
    assert "This batch was stopped." in text_of(again)
    assert noted("rewards.voucherbatch") == ["added", "stopped"]


@pytest.mark.proves("input 84", "X10")
def test_every_code_is_given_as_a_table_that_calculates_nothing(shop, office, reward):
    shop.store.code = "=1+1"
    shop.store.save(update_fields=["code"])
    batch = batch_of(shop, 5, reward=reward, name="=HYPERLINK leaflet")
    use(codes_of(batch)[0], store=shop.store)

    answer = office.get(page_of(batch, "codes.csv"))

    text = b"".join(answer.streaming_content).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert answer["Content-Disposition"] == 'attachment; filename="hyperlink-leaflet.csv"'
    assert (text[0], len(rows)) == ("\ufeff", 5)
    assert [row["scan"] for row in rows] == [one.code for one in codes_of(batch)]
    assert (rows[0]["status"], rows[0]["store"], rows[1]["store"]) == ("used", "'=1+1", "")
    assert noted("rewards.voucherbatch") == ["added", "exported"]


def test_a_long_table_is_given_piece_by_piece(shop, office, reward, monkeypatch):
    batch = batch_of(shop, 7, reward=reward)
    monkeypatch.setattr("rewards.services.voucher_reading.ROWS_AT_ONCE", 3)

    answer = office.get(page_of(batch, "codes.csv"))
    with CaptureQueriesContext(connection) as asked:
        lines = list(answer.streaming_content)

    assert (len(lines), len(asked)) == (8, 4)


def test_whoever_only_reads_takes_no_codes_and_changes_nothing(shop, reward):
    analyst = office_of(shop.organization, Role.ANALYST)
    batch, code = batch_of(shop, 1, reward=reward), shared_code(shop, reward=reward)
    paths = ("codes.csv", "print/", "stop/")

    pages = [analyst.get(path) for path in (HOME, page_of(batch), f"{HOME}codes/")]
    refused = [analyst.get(page_of(batch, path)).status_code for path in paths]
    paused = analyst.post(f"{HOME}codes/{code.public_id}/to/pause/", keyed())

    assert [page.status_code for page in pages] == [200] * 3
    assert codes_of(batch)[0].code not in pages[1].content.decode()
    assert refused == [403] * 3
    assert paused.status_code == 403


# --- shared codes --------------------------------------------------------------------------------


def test_a_word_is_added_paused_resumed_and_ended(shop, office, reward, member):
    page = office.post(
        f"{HOME}codes/new/",
        worded(reward, uses_max="100", per_member_max="1", valid_until="2027-03-31"),
        follow=True,
    )
    code = Voucher.objects.get()
    use(code, member=member)
    address = f"{HOME}codes/{code.public_id}/"

    states = []
    for step in ("pause", "resume", "cancel"):
        shown = office.post(f"{address}to/{step}/", keyed(), follow=True)
        states.append(shown.context["row"].label)
    late = office.post(f"{address}to/pause/", keyed(), follow=True)

    assert (code.code, code.uses_max, code.per_member_max) == ("SUMMER26", 100, 1)
    assert page.context["row"].uses == "0 of 100"
    assert states == ["Paused", "Can be used", "Canceled"]
    assert shown.context["row"].uses == "1 of 100"
    assert [(one.uses, one.percent) for one in shown.context["days"]] == [(1, 100)]
    assert [one.name for one in shown.context["uses"]] == ["Mina K"]
    assert "This voucher was canceled." in text_of(late)
    assert noted("rewards.voucher") == ["added", "paused", "resumed", "canceled"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"word": "abc"}, "word", "4 to 20 letters"),
        ({"word": "CHRISTMASCARD"}, "word", "one of them a U"),
        ({"word": "20262026"}, "word", "4 to 20 letters"),
        ({"word": "ÄÖÜSS26"}, "word", "4 to 20 letters"),
        ({"word": "WE1C0ME"}, "word", "read the same"),
        ({"uses_max": "0"}, "uses_max", "greater than or equal to 1"),
        ({"per_member_max": "1001"}, "per_member_max", "less than or equal to 1000"),
    ],
)
def test_what_is_no_shared_code_is_told_beside_its_field(shop, office, reward, typed, field, said):
    shared_code(shop, "WELCOME", reward=reward)

    page = office.post(f"{HOME}codes/new/", worded(reward, **typed))

    assert said in errors(page)[field][0]
    assert Voucher.objects.count() == 1


def test_a_use_of_a_shared_code_is_undone_by_a_manager_however_late(shop, office, member):
    code = shared_code(shop, per_member_max=1)
    use(code, member=member)
    VoucherUse.objects.update(used_at=timezone.now() - timedelta(days=3))

    office.post(f"{HOME}uses/{VoucherUse.objects.get().pk}/release/", keyed(reason="Mistake"))

    code.refresh_from_db()
    assert code.uses == 0


def test_another_organizations_vouchers_do_not_exist(shop, office):
    other = open_shop("leaf")
    batch, code = batch_of(other, 1), shared_code(other)
    use(code)
    theirs = [
        page_of(batch),
        page_of(batch, "codes.csv"),
        page_of(batch, "print/?first=1&count=1&form=strip"),
        f"{HOME}codes/{code.public_id}/",
        f"{HOME}codes/{code.public_id}/print/",
    ]
    posts = [
        page_of(batch, "stop/"),
        f"{HOME}codes/{code.public_id}/to/cancel/",
        f"{HOME}uses/{VoucherUse.objects.get().pk}/release/",
    ]

    assert [office.get(path).status_code for path in theirs] == [404] * 5
    assert [office.post(path, keyed(reason="x")).status_code for path in posts] == [404] * 3
    page = office.post(f"{HOME}codes/new/", worded(other.reward(1)) | {"reward": NOWHERE})
    assert page.status_code in {200, 302}


# --- long lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_much_however_long(shop, office, reward, rows, django_assert_num_queries):
    for number in range(rows):
        use(codes_of(batch_of(shop, 2, reward=reward))[0], key=f"use-{number}")
        use(shared_code(shop, f"WORD{number}", reward=reward), key=f"word-{number}")
    office.get(HOME)

    with django_assert_num_queries(4):
        batches = office.get(HOME)
    with django_assert_num_queries(4):
        codes = office.get(f"{HOME}codes/")

    assert [len(page.context["rows"]) for page in (batches, codes)] == [rows, rows]
    assert {row.used for row in batches.context["rows"]} == {1}


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_as_much_however_often_used(
    shop, office, reward, rows, django_assert_num_queries
):
    batch, code = batch_of(shop, 4, reward=reward), shared_code(shop, reward=reward)
    for number, voucher in enumerate(codes_of(batch)[:rows]):
        use(voucher, key=f"use-{number}")
        use(code, key=f"word-{number}", member=shop.member(f"+44740011000{number}"))
    office.get(page_of(batch))

    with django_assert_num_queries(5):
        office.get(page_of(batch))
    with django_assert_num_queries(6):
        office.get(f"{HOME}codes/{code.public_id}/")


def test_a_hundred_thousand_codes_are_never_read_through(shop, office, reward):
    """As many as fit into a test; statistics say that there are more than is worth reading."""
    batch = batch_of(shop, 20, reward=reward)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_voucher (organization_id, public_id, reward_id, batch_id, kind,"
            " code, status, uses, uses_max, issued_at, used_by)"
            " SELECT organization_id, gen_random_uuid(), reward_id, batch_id, kind,"
            " 'X' || lpad(n::text, 11, '0'), 'issued', 0, 1, issued_at, ''"
            " FROM rewards_voucher, generate_series(1, 5000) n WHERE batch_id IS NOT NULL"
            " AND rewards_voucher.id = (SELECT min(id) FROM rewards_voucher)"
        )
        cursor.execute("ANALYZE rewards_voucher")
        with CaptureQueriesContext(connection) as asked:
            office.get(HOME)
            office.get(f"{HOME}codes/")
            office.get(page_of(batch), {"ending": codes_of(batch)[0].code[-4:]})
        queries = [one["sql"] for one in asked if "rewards_voucher" in one["sql"]]
        plans = []
        for query in queries:
            cursor.execute(f"EXPLAIN {query}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    Voucher.objects.filter(code__startswith="X0").delete()

    assert len(plans) >= 5
    assert [plan for plan in plans if "Seq Scan on rewards_voucher " in f"{plan} "] == []

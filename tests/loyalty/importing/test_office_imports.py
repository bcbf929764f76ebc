"""Receipts brought in through the office: sent, checked, imported by a worker, and told of."""

import gzip
import stat
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.embedded.folder import data_folder
from core.models.people import Role
from loyalty.models import ReceiptImport, ReceiptUpload
from loyalty.services import uploads
from loyalty.services.uploads import work_on_uploads
from tests.loyalty.importing.files import everything, real_file, row, text_of
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of as said

IMPORTS = "/office/high-street/imports/"
ROWS = [row("1", price="5.00"), row("2", price="7.00"), row("3", price="x")]


@pytest.fixture
def office(shop, tmp_path, monkeypatch):
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    return office_of(shop.organization, Role.MANAGER)


def sends(office, content, *, name="receipts.csv", **fields):
    content = text_of(content) if isinstance(content, list) else content
    content = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, content)
    return office.post(f"{IMPORTS}new/", keyed(file=file, **{"mapping": "online-retail", **fields}))


def sent(office, content, **fields):
    answer = sends(office, content, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return ReceiptUpload.objects.latest("pk")


def does(office, upload, action):
    return office.post(f"{IMPORTS}files/{upload.public_id}/{action}/", keyed())


def files():
    return [path for path in (data_folder() / "uploads").rglob("*") if path.is_file()]


def test_a_file_is_kept_where_only_we_can_read_it(office):
    sent(office, ROWS, name="../../My receipts.csv")

    [path] = files()
    assert path.name == "My-receipts.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.proves("M3")
def test_a_check_says_what_an_import_does_and_changes_nothing(office):
    upload = sent(office, ROWS)
    before = everything()

    does(office, upload, "check")
    work_on_uploads()
    unchanged = everything() == before
    page = office.get(f"{IMPORTS}files/{upload.public_id}/")
    does(office, upload, "import")
    work_on_uploads()

    upload.refresh_from_db()
    assert unchanged
    assert "2 accepted, 1 refused, 0 there before" in said(page)
    assert upload.trial["report"] == upload.receipt_import.report
    assert upload.status == ReceiptUpload.Status.FINISHED
    assert files() == []


def test_what_came_of_a_file_can_be_read_and_saved(office):
    upload = sent(office, [*ROWS, row("=4", price="y")])
    does(office, upload, "import")
    work_on_uploads()

    job = ReceiptImport.objects.get()
    page = said(office.get(f"{IMPORTS}{job.public_id}/"))
    table = office.get(f"{IMPORTS}{job.public_id}/refused.csv").content.decode()

    assert "2 accepted, 2 refused" in page
    assert "£12.00" in page
    assert [line.split(",")[:2] for line in table.splitlines()[1:]] == [["4", "3"], ["5", "'=4"]]
    assert "2 accepted" in said(office.get(IMPORTS))


@pytest.mark.proves("M1")
def test_an_import_that_takes_long_goes_on_in_the_next_round(office, shop):
    upload = sent(office, [row(str(number)) for number in range(1, 701)])
    does(office, upload, "import")

    work_on_uploads(seconds=-1)
    first = ReceiptImport.objects.get()
    half = said(office.get(f"{IMPORTS}files/{upload.public_id}/"))
    work_on_uploads(seconds=-1)
    work_on_uploads(seconds=-1)

    upload.refresh_from_db()
    assert (first.position, first.status) == (500, "running")
    assert "500 of 700 rows" in half
    assert upload.status == ReceiptUpload.Status.FINISHED
    assert upload.receipt_import.report["accepted"] == 700


@pytest.mark.proves("M2")
def test_the_same_file_again_changes_nothing(office):
    for _ in range(2):
        does(office, sent(office, ROWS[:2]), "import")
        work_on_uploads()
        after = everything()

    assert ReceiptImport.objects.count() == 1
    assert after == everything()
    assert set(ReceiptUpload.objects.values_list("status", flat=True)) == {"finished"}


def test_real_receipts_come_in_by_the_page(office):
    with gzip.open(real_file("online_retail/online_retail_visible.csv.gz"), "rt") as file:
        lines = [next(file) for _ in range(300)]
    upload = sent(office, gzip.compress("".join(lines).encode()), name="slice.csv.gz")

    does(office, upload, "import")
    work_on_uploads()

    report = ReceiptImport.objects.get().report
    assert report["accepted"] + report["refused"] + report["skipped"] == 299
    assert report["points_given"] > 0


WRONG = [
    ("a,b\n1,2\n", {}, "file"),
    ("", {}, "file"),
    (b"\x1f\x8b broken", {}, "file"),
    (ROWS, {"mapping": "own"}, "mapping_file"),
    (ROWS, {"mapping": "nonsense"}, "mapping"),
    (ROWS, {"store": "99"}, "store"),
    (ROWS, {"products": SimpleUploadedFile("p.csv", b"a")}, "products"),
]


@pytest.mark.parametrize(("content", "fields", "field"), WRONG)
def test_what_is_wrong_is_said_beside_its_field(office, content, fields, field):
    answer = sends(office, content, **fields)

    assert list(answer.context["form"].errors) == [field]
    assert ReceiptUpload.objects.count() == 0
    assert files() == []


@pytest.mark.parametrize(
    "mapping",
    ["{", "[]", '{"source": 1}', '{"source": "x", "products": {"file": "../../x", "sku": "a"}}'],
)
def test_a_mapping_that_is_none_says_which_field_is_wrong(office, mapping):
    own = SimpleUploadedFile("mapping.json", mapping.encode())

    answer = sends(office, ROWS, mapping="own", mapping_file=own)

    assert list(answer.context["form"].errors) == ["mapping_file"]
    assert files() == []


def test_a_file_names_its_store_when_there_are_several(office, shop):
    open_second = shop.organization.stores.create(code="2", name="Two")

    without = sends(office, ROWS)
    named = sends(office, ROWS, store=open_second.code)

    assert list(without.context["form"].errors) == ["store"]
    assert named.status_code == 302


def test_a_file_that_is_too_large_leaves_nothing(office, monkeypatch):
    monkeypatch.setattr(uploads, "BYTES_MAX", 10)

    answer = sends(office, ROWS)

    assert answer.context["form"].errors["file"] == ["This file is too large to be sent here."]
    assert files() == []


def test_a_damaged_file_is_told_by_the_worker(office):
    whole = gzip.compress(text_of([row(str(number)) for number in range(60_000)]).encode())
    upload = sent(office, whole[:-200])

    does(office, upload, "import")
    work_on_uploads()

    upload.refresh_from_db()
    assert upload.status == ReceiptUpload.Status.FAILED
    assert "cut short or damaged" in upload.problem
    assert files() == []


def test_a_file_can_be_deleted(office, django_capture_on_commit_callbacks):
    upload = sent(office, ROWS)

    with django_capture_on_commit_callbacks(execute=True):
        does(office, upload, "remove")

    upload.refresh_from_db()
    assert upload.status == ReceiptUpload.Status.REMOVED
    assert files() == []


@pytest.mark.proves("I8")
def test_a_second_click_begins_nothing_anew(office):
    upload = sent(office, ROWS)
    does(office, upload, "import")
    work_on_uploads()

    again = does(office, upload, "import")

    assert "present state" in said(office.get(again.url))
    assert ReceiptImport.objects.count() == 1


@pytest.mark.proves("X2")
def test_analysts_read_and_others_see_nothing(office, shop):
    upload = sent(office, ROWS)
    does(office, upload, "import")
    work_on_uploads()
    job = ReceiptImport.objects.get()
    pages = [f"files/{upload.public_id}/", f"{job.public_id}/", f"{job.public_id}/refused.csv"]
    analyst = office_of(shop.organization, Role.ANALYST)
    stranger = office_of(open_shop("elsewhere").organization, Role.OWNER)
    theirs = "/office/elsewhere/imports/"

    read = [analyst.get(f"{IMPORTS}{page}").status_code for page in ("", *pages)]
    wrote = [sends(analyst, ROWS).status_code, does(analyst, upload, "check").status_code]
    strange = [stranger.get(f"{theirs}{page}").status_code for page in pages]
    strange.append(stranger.post(f"{theirs}files/{upload.public_id}/remove/", keyed()).status_code)

    assert (read, wrote, strange) == ([200] * 4, [403] * 2, [404] * 4)


def test_the_list_asks_the_same_for_one_import_and_for_three(office, django_assert_num_queries):
    does(office, sent(office, ROWS[:1]), "import")
    sent(office, ROWS)
    work_on_uploads()
    office.get(IMPORTS)
    with django_assert_num_queries(5):
        office.get(IMPORTS)
    for number in (2, 3):
        does(office, sent(office, [row(str(number))]), "import")
        sent(office, ROWS)
    work_on_uploads()

    with django_assert_num_queries(5):
        office.get(IMPORTS)


def test_what_cannot_be_done_to_a_file_is_not_there(office):
    upload = sent(office, ROWS)

    answers = [does(office, upload, "burn"), office.get(f"{IMPORTS}{uuid4()}/")]

    assert [answer.status_code for answer in answers] == [404, 404]

"""Balances brought in through the office: sent, checked, imported by a worker, and told of."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.embedded.folder import data_folder
from core.models.people import Role
from loyalty.models import Entry, Program, ReceiptImport, ReceiptUpload
from loyalty.services import balance_files
from loyalty.services.uploads import work_on_uploads
from tests.loyalty.importing.files import everything
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

IMPORTS = "/office/high-street/imports/"
ROWS = "phone,points\n07400123456,100\n07400111111,50\n07400123456,0\n"


@pytest.fixture
def office(shop, tmp_path, monkeypatch):
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    shop.member()
    return office_of(shop.organization, Role.MANAGER)


def sends(office, content=ROWS, **fields):
    file = SimpleUploadedFile("balances.csv", content.encode())
    fields = {"program": "club", "unknown": "enroll", "file": file, **fields}
    return office.post(f"{IMPORTS}balances/", keyed(**fields))


def sent(office, content=ROWS, **fields):
    answer = sends(office, content, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return ReceiptUpload.objects.latest("pk")


def does(office, upload, action):
    office.post(f"{IMPORTS}files/{upload.public_id}/{action}/", keyed())
    work_on_uploads()
    upload.refresh_from_db()
    return text_of(office.get(f"{IMPORTS}files/{upload.public_id}/"))


def files():
    return [path for path in (data_folder() / "uploads").rglob("*") if path.is_file()]


@pytest.mark.proves("M3")
def test_a_check_lists_what_would_happen_and_changes_nothing(office):
    upload = sent(office)
    before = everything()

    checked = does(office, upload, "check")
    unchanged = everything() == before
    does(office, upload, "import")

    job = ReceiptImport.objects.get()
    page = text_of(office.get(f"{IMPORTS}{job.public_id}/"))
    assert unchanged
    for said in (checked, page):
        assert "2 accepted, 1 refused, 0 there before" in said
        assert "Points brought forward 150" in said
        assert "4 The row has no points." in said
        assert "Receipt" not in said.replace("Bring receipts in", "")
    assert upload.trial["report"] == job.report
    assert (upload.status, job.kind) == (ReceiptUpload.Status.FINISHED, "balances")
    assert files() == []


def test_who_is_unknown_is_left_out_when_that_was_chosen(office):
    said = does(office, sent(office, unknown="refuse"), "check")

    assert "1 accepted, 2 refused" in said
    assert "3 There is no such member." in said


@pytest.mark.proves("M2")
def test_the_same_file_again_gives_nothing(office, shop):
    for _ in range(2):
        does(office, sent(office), "import")

    assert ReceiptImport.objects.count() == 1
    assert sum(Entry.objects.values_list("points", flat=True)) == 150


@pytest.mark.proves("M1")
def test_an_import_that_takes_long_goes_on_in_the_next_round(office, monkeypatch):
    monkeypatch.setattr(balance_files, "CHUNK_ROWS", 2)
    upload = sent(office)
    office.post(f"{IMPORTS}files/{upload.public_id}/import/", keyed())

    work_on_uploads(seconds=-1)
    half = text_of(office.get(f"{IMPORTS}files/{upload.public_id}/"))
    work_on_uploads(seconds=-1)
    work_on_uploads(seconds=-1)

    upload.refresh_from_db()
    assert "2 of 3 rows" in half
    assert upload.status == ReceiptUpload.Status.FINISHED
    assert upload.receipt_import.report["refused"] == 1


def test_a_file_that_is_too_long_is_told_by_the_worker(office, monkeypatch):
    monkeypatch.setattr(balance_files, "ROWS_MAX", 2)

    said = does(office, sent(office), "check")

    assert "at most 2 rows" in said
    assert files() == []


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        ("a,b\n1,2\n", {}, "file"),
        ("phone,sum\n1,2\n", {}, "file"),
        ("name,points\n1,2\n", {}, "file"),
        ("", {}, "file"),
        (ROWS, {"program": "nothing"}, "program"),
        (ROWS, {"unknown": "perhaps"}, "unknown"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(office, content, fields, field):
    answer = sends(office, content, **fields)

    assert list(answer.context["form"].errors) == [field]
    assert ReceiptUpload.objects.count() == 0
    assert files() == []


def test_the_program_is_chosen_where_there_are_several(office, shop):
    Program.objects.create(organization=shop.organization, slug="vip", name="VIP", status="live")
    Program.objects.create(organization=shop.organization, slug="old", name="Old", status="ended")
    one = text_of(office.get(f"{IMPORTS}balances/"))

    does(office, sent(office, program="vip"), "import")
    ended = sends(office, program="old")

    assert "VIP" in one
    assert set(Entry.objects.values_list("account__program__slug", flat=True)) == {"vip"}
    assert list(ended.context["form"].errors) == ["program"]


@pytest.mark.proves("X2", "X6")
def test_analysts_and_neighbors_send_nothing(office, shop):
    analyst = office_of(shop.organization, Role.ANALYST)
    stranger = office_of(open_shop("elsewhere").organization)

    answers = [sends(analyst), sends(stranger), stranger.get(f"{IMPORTS}balances/")]
    read = text_of(analyst.get(IMPORTS))

    assert [one.status_code for one in answers] == [403, 404, 404]
    assert "Bring balances in" not in read
    assert ReceiptUpload.objects.count() == 0

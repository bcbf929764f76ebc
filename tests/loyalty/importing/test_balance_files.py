"""Files of balances: read in any form, tried, interrupted, and sent twice at once."""

import gzip
from functools import partial

import pytest
import time_machine
from django.core.management import CommandError

from loyalty.models import Batch, Entry, ReceiptImport
from loyalty.services import balance_files
from loyalty.services.opening import Opening, Outcome, bring_forward
from tests.loyalty.importing.balances import HEADER, NOON, brings
from tests.loyalty.importing.files import everything
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def file(write):
    return lambda *rows, header=HEADER: write("\n".join([header, *rows, ""]), "balances.csv")


@pytest.mark.proves("M3")
def test_a_trial_says_what_an_import_does_and_changes_nothing(shop, member, file):
    path = file("07400123456,100,,", "07400111111,5,,", "07400123456,0,,")
    before = everything()

    trial = brings(path, "--trial")
    unchanged = everything() == before
    done = brings(path)

    assert unchanged
    assert trial == done
    assert "1 new" in trial[1]


@pytest.mark.proves("input 85")
@pytest.mark.parametrize("written", ["utf-16", "utf-8-sig", "gzip", "tab"])
def test_files_are_read_in_whatever_form_spreadsheets_write(shop, member, write, written):
    text = "Phone;Points;Expires on\n07400123456;100;2026-12-31\n"
    content = {
        "gzip": gzip.compress(text.encode()),
        "tab": text.replace(";", "\t").encode(),
    }.get(written) or text.encode(written)

    code, _said = brings(write(content, "b.csv"))

    assert (code, shop.balance(member)) == (0, 100)


@pytest.mark.proves("input 85")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty."),
        ("phone,points\n", "The file has a header and no rows."),
        ("phone,sum\n1,2\n", "no column points"),
        ("name,points\nx,2\n", "no column phone / email / card / external_id"),
        ("phone,points,points\n1,2,3\n", "Two columns are named points."),
        ("phone,Phone,points\n1,2,3\n", "Two columns are named phone."),
        ('phone,points\n"1,2\n', "quotation mark is opened"),
        (b"phone,points\n\xff\xfe1,2\n", "is not utf-8"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(shop, write, content, said):
    before = everything()

    with pytest.raises(CommandError, match=said):
        brings(write(content, "b.csv"))

    assert everything() == before
    assert ReceiptImport.objects.count() == 0


def test_a_file_with_too_many_rows_is_sent_in_parts(shop, member, file, monkeypatch):
    monkeypatch.setattr(balance_files, "ROWS_MAX", 2)

    with pytest.raises(CommandError, match="at most 2 rows"):
        brings(file(*["07400123456,1,,"] * 3))


def test_what_is_not_there_is_said(shop, file):
    path = file("07400123456,100,,")

    with pytest.raises(CommandError, match="no such organization"):
        brings(path, organization="nowhere")
    with pytest.raises(CommandError, match="--program: There is no such program"):
        brings(path, program="nothing")


@pytest.mark.proves("M1")
def test_an_import_that_was_killed_goes_on_to_the_same_end(shop, file, monkeypatch):
    monkeypatch.setattr(balance_files, "CHUNK_ROWS", 3)
    path = file(*[f"0740011111{n},{n + 1},," for n in range(8)])
    posted = balance_files.bring_forward
    calls = []

    def dies(**options):
        calls.append(options)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return posted(**options)

    monkeypatch.setattr(balance_files, "bring_forward", dies)
    with pytest.raises(KeyboardInterrupt):
        brings(path)
    half = ReceiptImport.objects.get()
    _code, said = brings(path)

    assert (half.position, half.status) == (6, "running")
    assert "8 accepted" in said
    assert sum(Entry.objects.values_list("points", flat=True)) == 36
    assert ReceiptImport.objects.count() == 1


def test_many_rows_ask_a_fixed_number_of_questions(shop, file, django_assert_max_num_queries):
    rows = [f"07400{n:06d},{n % 90 + 1},," for n in range(400, 800)]

    with django_assert_max_num_queries(60):
        code, _said = brings(file(*rows))

    assert code == 0
    assert Entry.objects.count() == 400


# --- at the same moment --------------------------------------------------------------------------


def bring_twice(shop, member, serial):
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    openings = [Opening(member_id=member.pk, points=10 + serial, note="race")]
    answers = race(
        *[partial(bring_forward, program_id=shop.program.pk, openings=openings, batch=batch)] * 2
    )
    return [one for one in answers if one == [Outcome.GIVEN]], answers


@pytest.mark.race
@pytest.mark.proves("M2")
@pytest.mark.django_db(transaction=True)
def test_of_two_imports_of_one_row_at_once_one_gives(shop, member):
    given, answers = bring_twice(shop, member, 0)

    assert len(given) == 1
    assert sorted(answers) == [[Outcome.GIVEN], [Outcome.REPEATED]]
    assert shop.balance(member) == 10
    ReceiptImport.objects.create(
        organization=shop.organization,
        batch=Batch.objects.get(),
        file_name="x",
        file_digest="x",
        mapping={},
    )
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_the_database_alone_stops_the_second(monkeypatch):
    """The control: both believe that the row is new, and only a constraint says otherwise.

    What unlocked reads leave in the books is nobody's promise: here no audit follows.
    """
    shop = open_shop()
    member = shop.member(name="Mina K")
    shop.buys(member, "1")
    forget_locks(monkeypatch)

    def attempt(serial):
        _given, answers = bring_twice(shop, member, serial)
        return any(isinstance(one, Exception) for one in answers)

    assert seen(attempt)

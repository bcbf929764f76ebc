"""The demo shop, made small of the real receipts."""

import io
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core.models import AuditRecord, Organization, OutboxEvent, Staff
from insights.demo import shop
from insights.services.demo_receipts import cut_slice, is_installed
from loyalty.models import Entry, Purchase, ReceiptImport
from members.models import Consent, Member
from rewards.models import Redemption, Reward
from tests.shops import assert_audit_is_clean

HOUSEHOLDS = 12
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not is_installed(), reason="the extra `demo` is not installed"),
]


def demo(*options):
    out = io.StringIO()
    call_command("demo", "--households", str(HOUSEHOLDS), *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Load it once for all tests of this module, and leave nothing behind."""
    with django_db_blocker.unblock():
        yield demo()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE core_organization, core_user CASCADE")


@pytest.fixture
def organization(loaded):
    return Organization.objects.get(slug=shop.SLUG)


def counted():
    models = (Member, Purchase, Entry, Reward, Redemption, Staff, AuditRecord, OutboxEvent)
    return [model.objects.count() for model in models]


def test_it_has_members_with_everything_that_people_have(organization):
    members = Member.objects.filter(organization=organization)

    assert members.count() == HOUSEHOLDS
    assert members.filter(phone__regex=r"^\+1[0-9]{3}55501[0-9]{2}$").count() == HOUSEHOLDS
    assert members.filter(name="").count() == 0
    assert members.filter(cards__is_primary=True).count() == HOUSEHOLDS
    assert Consent.objects.filter(purpose="terms", granted=True).count() == HOUSEHOLDS


def test_its_year_of_receipts_ends_yesterday(organization):
    bought = Purchase.objects.filter(organization=organization)
    today = timezone.localdate(timezone=organization.zone)

    days = sorted(bought.values_list("business_date", flat=True))

    assert today - timedelta(days=8) < days[-1] < today
    assert days[0] >= today - timedelta(days=365)


def test_receipts_come_in_through_the_ordinary_import(organization):
    [job] = ReceiptImport.objects.filter(organization=organization)

    assert job.status == ReceiptImport.Status.FINISHED
    assert job.report["faults"] == 0
    assert job.report["purchases"] == Purchase.objects.count()


def test_some_receipts_are_of_guests_and_some_points_are_spent(organization):
    assert Purchase.objects.filter(member=None).exists()
    assert Redemption.objects.filter(status="issued").exists()
    assert set(Entry.objects.values_list("kind", flat=True)) == {"earn", "expire", "redeem"}


@pytest.mark.proves("INV-12")
def test_its_history_is_told_by_one_event(organization):
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))

    assert kinds == {"import.finished"}


def test_everybody_of_the_staff_can_come_in(organization):
    staff = Staff.objects.filter(organization=organization)

    office = [each for each in staff if each.user and each.user.check_password(shop.PASSWORD)]
    till = [each for each in shop.STAFF if each.pin]
    assert sorted(each.role for each in office) == ["analyst", "manager", "owner"]
    assert all(staff.get(name=each.name).has_pin(each.pin) for each in till)


def test_it_prints_how_to_sign_in(loaded, organization):
    said = loaded

    for worker in (shop.OWNER, *shop.STAFF):
        assert (worker.email or worker.pin) in said
    assert shop.PASSWORD in said
    assert "/office/bean-and-leaf/" in said


def test_every_balance_is_explained(organization):
    assert_audit_is_clean()


def test_a_second_time_changes_nothing(organization):
    before = counted()

    said = demo("--seed", "7")

    assert counted() == before
    assert "nothing was changed" in said
    assert shop.PASSWORD in said


def test_the_same_seed_makes_the_same_files_and_pandas_is_never_loaded(tmp_path):
    day = timezone.localdate()
    folders = [tmp_path / "one", tmp_path / "two"]
    before = "pandas" in sys.modules

    cuts = []
    for folder in folders:
        folder.mkdir()
        cuts.append(cut_slice(folder=folder, households=3, seed=5, last_day=day))

    assert cuts[0].people == cuts[1].people
    assert cuts[0].receipts.read_bytes() == cuts[1].receipts.read_bytes()
    assert ("pandas" in sys.modules) is before

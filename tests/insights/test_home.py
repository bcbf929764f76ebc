"""The first page of the back-office, by role, with nothing and with something."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models.people import Role
from core.services.registers import add_register, enroll_device
from loyalty.models import Batch, Program, ReceiptImport, Rule
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import redeem
from tests.offices import hire, office_of
from tests.shops import days_ago, open_shop
from tests.tills import text_of

pytestmark = pytest.mark.django_db
HOME = "/office/high-street/"
QUESTIONS = 17


def todo_on(page):
    return [each.text for each in page.context["todo"]]


def test_a_new_shop_is_told_what_to_do_first():
    shop = open_shop()
    Program.objects.update(status="draft")
    office = office_of(shop.organization)

    page = office.get(HOME)

    assert page.status_code == 200
    assert todo_on(page) == [
        "The program is not switched on: purchases give no points.",
        "No device is a register yet: nobody can ring up.",
        "There is nothing to spend points on.",
    ]
    assert "No receipts yet" in text_of(page)
    assert "/office/high-street/registers/enroll/" in page.content.decode()


def test_a_busy_shop_sees_its_figures_and_what_is_new():
    shop = open_shop()
    mina = shop.member(name="Mina Karimi")
    shop.buys(mina, "80.00")
    shop.buys(None, "20.00")
    shop.buys(mina, "50.00", at=days_ago(35))
    redeem(reward_id=shop.reward(60).pk, member_id=mina.pk, actor=SYSTEM, request_key="k")
    office = office_of(shop.organization)

    page = office.get(HOME)

    said = text_of(page)
    shown = {each.label: (each.now, each.before, each.by) for each in page.context["changes"]}
    assert [each.value for each in page.context["stats"]] == ["80%", "1", "1", "70"]
    assert shown["Sales"] == ("£100.00", "£50.00", "+100%")
    assert shown["Receipts with a member"] == ("50%", "100%", "−50")
    assert shown["Points given"] == ("80", "50", "+60%")
    assert shown["Points spent"] == ("60", "0", "–")
    assert "Mina Karimi took Coffee" in said
    assert "Guest bought at One" in said


def test_the_chart_has_its_table():
    shop = open_shop()
    shop.buys(shop.member(), "80.00")
    office = office_of(shop.organization)

    page = office.get(HOME)

    sales, points = page.context["charts"]
    assert (len(sales.rows), sales.rows[-1][1]) == (12, ["£80.00", "£0.00"])
    assert points.rows[-1][1] == ["80", "0"]
    assert page.content.decode().count('role="img"') == 2


def test_what_waits_is_listed_with_what_is_pressing_first():
    shop = open_shop()
    shop.settle(expiry={"type": "after", "days": 10})
    shop.buys(shop.member(), "12.00")
    staff = hire(shop.organization)
    register = add_register(store_id=shop.store.pk, staff_id=staff.pk)
    enroll_device(register_id=register.pk, staff_id=staff.pk)
    shop.reward(60, stock=0, name="Tasting")
    shop.reward(60, stock=1, name="Tote")
    shop.reward(60, stock=6, name="Cup")
    Rule.objects.create(program=shop.program, code="d", name="Fridays", status="draft")
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    job = ReceiptImport.objects.create(
        organization=shop.organization,
        batch=batch,
        file_name="old.csv",
        file_digest="d",
        mapping={},
        position=500,
    )
    ReceiptImport.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(hours=1))
    office = office_of(shop.organization)

    page = office.get(HOME)

    assert todo_on(page) == [
        "The import of old.csv stopped after 500 receipts.",
        "“Tasting” is sold out.",
        "Only 1 of “Tote” is left.",
        "The rule “Fridays” is a draft and gives nothing yet.",
        "12 points end within 30 days unless they are spent.",
    ]


def test_an_import_that_just_began_has_not_stopped():
    shop = open_shop()
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    ReceiptImport.objects.create(
        organization=shop.organization, batch=batch, file_name="a", file_digest="d", mapping={}
    )
    office = office_of(shop.organization)

    page = office.get(HOME)

    assert [text for text in todo_on(page) if "import" in text] == []


def test_an_analyst_reads_and_has_nothing_to_press():
    shop = open_shop()
    office = office_of(shop.organization, Role.ANALYST)

    page = office.get(HOME)

    assert page.status_code == 200
    assert [each.url for each in page.context["todo"]] == ["", ""]


def test_it_asks_as_many_questions_for_one_as_for_many(django_assert_num_queries):
    shop = open_shop()
    office = office_of(shop.organization)
    office.get(HOME)  # notes in the session that somebody is here
    counted = []

    for _ in range(2):
        for _more in range(3):
            member = shop.member(f"+4474001234{shop.organization.members.count():02}")
            shop.buys(member, "90.00")
            reward = shop.reward(10, stock=2)
            redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="k")
        with django_assert_num_queries(QUESTIONS):
            counted.append(office.get(HOME).status_code)

    assert counted == [200, 200]


def test_what_came_back_of_a_purchase_is_not_shown_as_sold():
    shop = open_shop()
    sold = shop.buys(None, "30.00", number="S1")
    wish = ReturnWish(
        source="till",
        external_id="R1",
        sale_source="till",
        sale_external_id=sold.purchase.external_id,
        occurred_at=timezone.now(),
        request_key="back",
        quantities={},
        amount=Decimal("12.00"),
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)

    page = office_of(shop.organization).get(HOME)

    assert [each.amount for each in page.context["news"]] == [Decimal("18.00")]

"""What a program says about the worth of points: by file, in words, and in the office's figures."""

import pytest
from django.utils import timezone

from insights.queries import outstanding
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from loyalty.services.programs import load_program
from loyalty.terms import public_terms
from tests.offices import office_of
from tests.shops import open_shop
from tests.tills import text_of

PAYS = {"point_value": "0.05", "pay_with_points": {"minimum": 10}}


def load(shop, **settings):
    said = {"slug": "club", "name": "Club", "settings": settings}
    load_program(organization_id=shop.organization.pk, document={"format": 1, "program": said})
    shop.program.refresh_from_db()
    return shop.program.terms


def faults(shop, **settings):
    before = Program.objects.get().settings
    with pytest.raises(ProgramInvalid) as refusal:
        load(shop, **settings)
    assert Program.objects.get().settings == before
    return [(fault["field"], fault["code"]) for fault in refusal.value.data["errors"]]


def told(shop):
    terms = public_terms(shop.program.terms, shop.organization.currency)
    return {term["setting"]: term["text"] for term in terms}


@pytest.mark.parametrize(
    ("settings", "field", "code"),
    [
        ({"pay_with_points": {}}, "pay_with_points", "point_value_needed"),
        ({"debt": "deduct"}, "debt", "point_value_needed"),
        ({"point_value": "0"}, "point_value", "greater_than"),
        ({"point_value": 0.05}, "point_value", "not_a_decimal"),
        ({"point_value": "1e3"}, "point_value", "not_a_decimal"),
        ({"point_value": "NaN"}, "point_value", "not_a_decimal"),
        ({**PAYS, "pay_with_points": {"share_max": 101}}, "pay_with_points.share_max", None),
        ({**PAYS, "pay_with_points": {"step": 0}}, "pay_with_points.step", None),
        ({**PAYS, "pay_with_points": {"minimum": True}}, "pay_with_points.minimum", None),
        (
            {**PAYS, "pay_with_points": {"minimum": 11, "step": 10, "points_max": 19}},
            "pay_with_points",
            "points_max_below_minimum",
        ),
    ],
)
def test_what_cannot_hold_is_refused_by_its_field(shop, settings, field, code):
    [(at, said)] = faults(shop, **settings)

    assert at == f"program.settings.{field}"
    assert code in (None, said)


def test_what_a_file_leaves_out_stays_and_null_takes_it_away(shop):
    load(shop, **PAYS)

    stays = load(shop, debt="deduct")
    needed = faults(shop, point_value=None)
    gone = load(shop, point_value=None, pay_with_points=None, debt="floor")

    assert (str(stays.point_value), stays.pay_with_points.minimum) == ("0.05", 10)
    assert needed == [
        ("program.settings.pay_with_points", "point_value_needed"),
        ("program.settings.debt", "point_value_needed"),
    ]
    assert (gone.point_value, gone.pay_with_points) == (None, None)


def test_members_are_told_what_points_are_worth_and_how_they_pay(shop):
    load(
        shop,
        point_value="0.005",
        pay_with_points={"minimum": 100, "step": 50, "share_max": 40, "points_max": 5000},
        points_paid_back="cash_first",
        debt="deduct",
    )

    words = told(shop)

    assert words["point_value"] == "10 points are worth £0.05"
    assert words["pay_with_points"] == (
        "points can pay for purchases, from 100 points on, in steps of 50 points, up to 40% of"
        " each, at most 5,000 points for one"
    )
    assert words["points_paid_back"].startswith("of returned goods the money is given back first")
    assert "kept back from the refund" in words["debt"]


@pytest.mark.parametrize(("value", "said"), [("1", "1 point is worth £1.00"), (None, None)])
def test_the_worth_of_a_point_is_said_where_there_is_one(shop, value, said):
    load(shop, point_value=value)

    assert told(shop).get("point_value") == said


def test_what_is_outstanding_is_told_in_money(shop, member):
    now = timezone.now()
    shop.buys(member, "1240.00")
    other = open_shop("other")
    other.settle(point_value="7")
    other.buys(other.member(), "5.00")

    silent = outstanding(shop.organization, now, now).worth
    shop.settle(point_value="0.05")
    page = office_of(shop.organization).get(f"/office/{shop.organization.slug}/")

    assert silent is None
    assert outstanding(shop.organization, timezone.now(), now).worth == 62
    assert "with 1 member, worth £62.00" in text_of(page)

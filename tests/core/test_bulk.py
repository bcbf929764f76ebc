"""Rows written past the ORM are the rows that the ORM would have written."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.bulk import MANY, fresh, insert_many, next_ids
from core.models import Store
from loyalty.models import Award, Consumption, Entry, Lot, Product, Purchase
from tests.shops import open_shop

AWKWARD = ("plain", "tab\there", "line\nbreak", "back\\slash", "\\N", 'quoted "so"', "nil", "é 😀")


@pytest.mark.parametrize("model", [Award, Consumption, Entry, Lot, Purchase])
def test_a_fresh_row_is_what_its_constructor_makes(model):
    made, fields = fresh(model), model._meta.concrete_fields
    built = model()

    same = {one.attname for one in fields} - {"public_id"}
    assert {name: getattr(made, name) for name in same} == {
        name: getattr(built, name) for name in same
    }
    assert (made._state.adding, made._state.db) == (True, None)


def test_a_fresh_row_knows_the_rows_it_refers_to():
    entry = Entry(pk=7)

    lot = fresh(Lot, entry=entry, points=3)

    assert (lot.entry_id, lot.entry, lot.points) == (7, entry, 3)


@pytest.mark.django_db
@pytest.mark.parametrize("copies", [1, MANY])
def test_texts_arrays_and_choices_come_back_as_they_were(copies):
    shop = open_shop()
    rows = [
        Product(organization=shop.organization, sku=f"{n}", name=text, category=[text, "b,{}"])
        for n, text in enumerate(AWKWARD * copies)
    ]

    insert_many(rows)

    stored = Product.objects.in_bulk([one.pk for one in rows])
    assert [stored[one.pk].name for one in rows] == [one.name for one in rows]
    assert [stored[one.pk].category for one in rows] == [one.category for one in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, MANY])
def test_numbers_moments_json_and_nothing_come_back_as_they_were(count):
    shop = open_shop()
    at = datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC)
    rows = [
        fresh(
            Purchase,
            organization=shop.organization,
            source="till",
            external_id=str(n),
            store=shop.store,
            occurred_at=at,
            business_date=at.date(),
            total=Decimal("1E+2"),
            returned=Decimal("0.005"),
            metadata={"tab\t": ['"', "\\", None]},
        )
        for n in range(count)
    ]

    insert_many(rows)

    stored = Purchase.objects.get(pk=rows[-1].pk)
    assert (stored.public_id, stored.occurred_at, stored.member) == (rows[-1].public_id, at, None)
    assert (stored.total, stored.returned) == (100, Decimal("0.005"))
    assert stored.metadata == {"tab\t": ['"', "\\", None]}


@pytest.mark.django_db
def test_ids_are_drawn_before_their_rows():
    drawn = next_ids(Store._meta.db_table, 3)

    later = open_shop().store.pk

    assert drawn == sorted(set(drawn))
    assert later > drawn[-1]

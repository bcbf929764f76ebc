"""Groups, regions and what is noted of members, as the design check looks at their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.models import Store
from core.office_forms import NewRegionForm, RegionForm
from core.paging import Page
from members.attribute_fields import AttributeForm, NewAttributeForm
from members.group_forms import (
    GroupFileForm,
    GroupForm,
    JoinGroupForm,
    NewGroupForm,
    PutInGroupForm,
)
from members.models import AttributeDefinition, Group, Member
from members.services.groups import BadRow

Pages = dict[str, tuple[str, dict[str, Any]]]
KEY = {"request_key": "k"}
STORES = [Store(code="HS", name="High Street"), Store(code="ST", name="Station")]


def groups() -> list[Group]:
    """Return two groups, one of them with a long name."""
    known = (("Staff", "staff", 12), ("Friends of the roastery since 1998", "friends", 1_240))
    made = [Group(public_id=uuid4(), name=name, code=code) for name, code, _size in known]
    for group, (_name, _code, size) in zip(made, known, strict=True):
        group.size = size  # type: ignore[attr-defined]  # the query adds it
    return made


def one_group() -> dict[str, Any]:
    """Return a group of three with the forms that fill it."""
    since = timezone.now() - timedelta(days=30)
    names = ("Mina Karimi", "", "Wilhelmina van den Bergh-Featherstonehaugh")
    return {
        "group": groups()[1],
        "page": Page([], "", "?after=x"),
        "people": [
            {"public_id": uuid4(), "name": name, "phone": "+44 7400 123456", "since": since}
            for name in names
        ],
        "may_manage": True,
        "join_form": JoinGroupForm(initial=KEY),
        "file_form": GroupFileForm(initial=KEY),
    }


def regions() -> list[dict[str, Any]]:
    """Return a region of two stores and one of none."""
    return [
        {"name": "North", "code": "north", "stores": STORES},
        {"name": "Pilot stores of the spring", "code": "pilot", "stores": []},
    ]


def attributes() -> list[AttributeDefinition]:
    """Return two things that are noted."""
    sizes = ["S", "M", "L", "XL", "XXL"]
    return [
        AttributeDefinition(name="size", label="Shirt size", kind="choice", choices=sizes),
        AttributeDefinition(name="vegan", label="Vegan", kind="yes_no", audience="office"),
    ]


def group_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the pages on groups, regions and what is noted of members."""
    bad = [
        BadRow(4, "07400 123499", "There is no such member."),
        BadRow(17, "not-a-number-at-all", "This is not a valid phone number."),
    ]
    member = Member(public_id=uuid4(), name="Mina Karimi")
    region, attribute = regions()[0], attributes()[0]
    return {
        "office groups": ("office/groups.html", office(groups=groups(), may_manage=True)),
        "office no groups": ("office/groups.html", office(groups=[], may_manage=True)),
        "office group": ("office/group.html", office(**one_group())),
        "office group, a list": ("office/group.html", office(**one_group() | {"bad": bad})),
        "office group new": ("office/group_form.html", office(form=NewGroupForm(initial=KEY))),
        "office group renamed": (
            "office/group_form.html",
            office(form=GroupForm(initial=KEY), group=groups()[0]),
        ),
        "office member into group": (
            "office/member_group.html",
            office(form=PutInGroupForm(groups=groups()), member=member, groups=True),
        ),
        "office regions": ("office/regions.html", office(regions=regions(), may_manage=True)),
        "office no regions": ("office/regions.html", office(regions=[], may_manage=True)),
        "office region new": (
            "office/region.html",
            office(form=NewRegionForm(initial=KEY, stores=STORES)),
        ),
        "office region": (
            "office/region.html",
            office(form=RegionForm(initial=KEY, stores=STORES), region=region),
        ),
        "office attributes": (
            "office/attributes.html",
            office(attributes=attributes(), may_manage=True),
        ),
        "office no attributes": (
            "office/attributes.html",
            office(attributes=[], may_manage=True),
        ),
        "office attribute new": (
            "office/attribute.html",
            office(form=NewAttributeForm(initial=KEY)),
        ),
        "office attribute": (
            "office/attribute.html",
            office(form=AttributeForm(initial=KEY), attribute=attribute),
        ),
    }

"""Members who belong together, as the design check looks at their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.keyed_forms import KeyForm
from loyalty.balances import Balance
from loyalty.forms.joining import (
    FindForm,
    ForfeitForm,
    HouseholdForm,
    JoinForm,
    LeaveForm,
    MostForm,
)
from loyalty.member_page import Who
from loyalty.models import Program
from loyalty.queries import Holding
from loyalty.services.account_merges import GivenBack
from loyalty.services.household_limits import Share
from loyalty.services.member_merges import Together
from loyalty.together_page import HouseholdView, Line, MergedRow, MergePreview, PersonRow
from members.models import Household

Pages = dict[str, tuple[str, dict[str, Any]]]
KEY = {"request_key": "k"}


def who(**changes: Any) -> Who:
    """Return somebody whose page it is."""
    known = {
        "public_id": uuid4(),
        "name": "Mina Karimi",
        "phone": "+44 7400 123456",
        "state": "active",
        "state_label": "Active",
        "joined_at": timezone.now() - timedelta(days=400),
        "home_store": "High Street",
        "email": "mina@example.com",
        "card": "2900000000417",
    }
    return Who(**(known | changes))


def household() -> HouseholdView:
    """Return a household of three."""
    people = [
        PersonRow(uuid4(), "Mina Karimi", is_head=True, most=None, spent=140),
        PersonRow(uuid4(), "Mohammad-Reza Karimi-Esfahani", is_head=False, most=500, spent=120),
        PersonRow(uuid4(), "+44 7400 654321", is_head=False, most=0, spent=0),
    ]
    return HouseholdView("The Karimis of Upper Street", people[0].public_id, people)


def merge_preview() -> MergePreview:
    """Return two records of one person, one of which owes points."""
    lines = [
        Line("Name", "Mina Karimi", "", "Mina Karimi"),
        Line("Phone", "+44 7400 123456", "+44 7400 654321", "+44 7400 123456"),
        Line(
            "E-mail",
            "",
            "mina.karimi@a-long-provider.example",
            "mina.karimi@a-long-provider.example",
        ),
        Line("Birthday", "", "10 December", "10 December"),
        Line("Cards", "2900000000417", "2900000000523", "2900000000417 2900000000523"),
    ]
    points = Together(Holding(Program(name="Beans"), Balance(1240, 80)), Balance(-20, debt=20))
    return MergePreview(who(name="", phone="+44 7400 654321"), lines, [points])


def together_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the pages of households and merges in the office."""
    shared = {"member": who(), "may_manage": True}
    typed = {"find": "0740 0654 321", "most": 500}
    parts = [GivenBack(Program(name="Beans"), 1240, 980)]
    rows = [MergedRow(uuid4(), "Mina K", timezone.now() - timedelta(days=3))]
    form = {"form": HouseholdForm(initial=KEY)}
    house = {"household": "The Karimis of Upper Street"}
    told = {"brought": 1240, "left": 980, "gone": 260, "is_head": False}
    pages = {
        "together": ("member_together", form | {"household": household(), "merges": rows}),
        "together-alone": ("member_together", form | {"household": None, "merges": []}),
        "merge": ("member_merge", {"form": FindForm(initial=KEY)}),
        "merge-preview": (
            "member_merge",
            {"form": FindForm(initial=KEY), "preview": merge_preview(), "typed": typed},
        ),
        "unmerge": (
            "member_unmerge",
            {"form": KeyForm(initial=KEY), "other": "Mina K", "parts": parts},
        ),
        "join": ("household_join", house | {"form": JoinForm(initial=KEY)}),
        "join-preview": (
            "household_join",
            house | {"form": JoinForm(initial=KEY), "other": who(), "brings": 340, "typed": typed},
        ),
        "limit": ("household_limit", {"form": MostForm(initial=KEY), "called": "Mina Karimi"}),
        "leave": ("household_leave", house | told | {"form": LeaveForm(initial=KEY)}),
        "leave-head": (
            "household_leave",
            house | told | {"form": KeyForm(initial=KEY), "is_head": True},
        ),
        "forfeit": (
            "member_forfeit",
            {"form": ForfeitForm(initial=KEY), "points": 1240, "pending": 80},
        ),
    }
    return {
        f"office-{name}": (f"office/{template}.html", office(**(shared | context)))
        for name, (template, context) in pages.items()
    }


def share() -> Share:
    """Return what somebody has of a household, with a limit."""
    return Share(Household(name="The Karimis of Upper Street"), 500, 380)

"""The office's pages on what a member did besides buying, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.paging import Page
from loyalty.activity_page import DeedRow
from loyalty.forms.noting import NoteForm
from loyalty.member_page import ReasonRow
from tests.browser.gallery_office import mina

Pages = dict[str, tuple[str, dict[str, Any]]]


def activity_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the list of activities, empty and not, and the form that notes one."""
    now = timezone.now()
    rows = [
        DeedRow(
            at=now - timedelta(hours=3),
            title="Review",
            actor="Ada",
            note="Five stars, with a photo of the cake",
            why=[
                ReasonRow("Review, version 2", "25 points for a review", 25),
                ReasonRow(
                    "Stamp for reviews, version 1",
                    "2 stamps on card coffee for a review",
                    None,
                    "2 stamps",
                ),
            ],
        ),
        DeedRow(at=now - timedelta(days=40), title="recycling", actor="Web shop", note="", why=[]),
    ]
    shared = {**office(), "member": mina(), "may_manage": True}
    form = NoteForm({"kind": "custom", "request_key": "k" * 16})
    form.is_valid()
    form.add_error("name", "Give a name to an activity of your own, and to no other.")
    return {
        "office-member-activities": (
            "office/member_activities.html",
            {**shared, "page": Page(rows), "rows": rows},
        ),
        "office-member-activities-none": (
            "office/member_activities.html",
            {**shared, "page": Page([]), "rows": []},
        ),
        "office-member-note": ("office/member_note.html", {**shared, "form": form}),
    }

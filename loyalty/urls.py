"""Where members, their points and the program are reached."""

from __future__ import annotations

from django.urls import URLPattern

from core.api.urls import api_path
from loyalty.api import adjustments, members, program

api: list[URLPattern] = [
    api_path("members/", members.MembersView, "members"),
    api_path("members/find/", members.FindView, "members-find"),
    api_path("members/<uuid:member_id>/", members.MemberView, "member"),
    api_path("members/<uuid:member_id>/entries/", members.EntriesView, "member-entries"),
    api_path("adjustments/", adjustments.AdjustmentsView, "adjustments"),
    api_path("program/", program.ProgramView, "program"),
]

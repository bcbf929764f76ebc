"""How the club works, for everybody who asks, and the handbook of the staff."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.doors import OfficeRequest, office, public
from core.models.people import Role
from members.queries import club_at
from rewards.guide_page import guide_of, handbook_of


@public(reason="who thinks of joining wants to know what for; nothing here is anybody's own")
@require_safe
def how_it_works(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell how to join, earn and spend, by what is switched on now."""
    club = club_at(slug)
    if club is None:
        raise Http404
    return render(request, "portal/how.html", {"club": club, "guide": guide_of(club)})


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def handbook(request: OfficeRequest) -> HttpResponse:
    """Tell the staff what they have to know, on a page to be printed."""
    context = {"guide": handbook_of(request.organization)}
    return render(request, "office/program/handbook.html", context)

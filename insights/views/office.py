"""The first page of the back-office: is it well, what needs me, what changed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.doors import OfficeRequest, office
from core.models.people import Role
from insights.home_page import home_page


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def home(request: OfficeRequest) -> HttpResponse:
    """Answer the three questions, in this order."""
    may_manage = request.staff.role != Role.ANALYST
    page = home_page(request.organization, may_manage=may_manage, now=timezone.now())
    return render(request, "office/home.html", page)

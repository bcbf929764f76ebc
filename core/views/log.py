"""The log in the office: who changed what, newest first."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.actors import SYSTEM, integration_actor, staff_actor
from core.doors import OfficeRequest, office
from core.log_page import actor_names, log_kinds, log_rows
from core.models import AuditRecord
from core.models.people import Role
from core.office_forms import LogFilters
from core.paging import page_of
from core.queries import audit_of, integrations_of, team_of


@office(Role.OWNER, Role.MANAGER)
@require_safe
def log(request: OfficeRequest) -> HttpResponse:
    """Say who changed what, and why."""
    form = LogFilters(request.GET, actors=_actors(request), kinds=log_kinds())
    page = page_of(_narrowed(request, form), request, by=("-created_at", "-pk"))
    context = {
        "form": form,
        "page": page,
        "rows": log_rows(request.organization, page.rows),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "office/log.html", context)


def _actors(request: OfficeRequest) -> dict[str, str]:
    """Return everybody who may have changed something, by how records name them."""
    team = {staff_actor(one.pk).name: one.name for one in team_of(request.organization)}
    systems = integrations_of(request.organization)
    shops = {integration_actor(one.pk).name: one.name for one in systems}
    return team | shops | actor_names(request.organization, [SYSTEM.name])


def _narrowed(request: OfficeRequest, form: LogFilters) -> QuerySet[AuditRecord]:
    records = audit_of(request.organization)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("who"):
        records = records.filter(actor=asked["who"])
    if asked.get("what"):
        records = records.filter(subject=asked["what"])
    if asked.get("since"):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        records = records.filter(created_at__gte=midnight - timedelta(days=int(asked["since"])))
    return records

"""Trying a basket: what it would earn, with drafts switched on for the trial, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.models import Organization
from core.models.people import Role
from core.queries import stores_of
from loyalty.forms.trying import LINES, MEMBER, MORE, LineSet, Offered, TriedLines, TryForm
from loyalty.models import Program
from loyalty.queries import rule_versions, rules_of
from loyalty.rule_page import known_to, program_chosen
from loyalty.services.trying import (
    Basket,
    MadeUp,
    RuleOnTrial,
    described,
    rules_at_rest,
    try_basket,
)
from loyalty.try_page import Tried, tried
from members.models import Member
from members.queries import member_by_reference


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_http_methods(["GET", "HEAD", "POST"])
def try_basket_page(request: OfficeRequest) -> HttpResponse:
    """Say what a basket would earn, line by line and rule by rule; nothing is kept."""
    trial = _Trial(request)
    with timezone.override(request.organization.zone):
        return render(request, "office/program/try.html", trial.context())


class _Trial:
    """One trial, as far as it was typed."""

    def __init__(self, request: OfficeRequest) -> None:
        self.request, self.organization = request, request.organization
        self.program = _program(request)
        rules = list(rules_of(self.organization).filter(program=self.program))
        self.at_rest = rules_at_rest(rules, rule_versions(rules))
        self.known = known_to(self.organization, self.program)
        self.stores = {store.code: store for store in stores_of(self.organization)}
        typed = request.POST if request.method == "POST" else None
        with timezone.override(self.organization.zone):
            first = {"at": timezone.localtime(), "drafts": [request.GET.get("rule")]}
            self.form = TryForm(typed, offered=self._offered(), initial=first)
            self.lines = cast("TriedLines", LineSet(typed, prefix=LINES))
            self.is_complete = typed is not None and all(
                [self.form.is_valid(), self.lines.is_valid()]
            )

    def _offered(self) -> Offered:
        return Offered(
            stores=[(store.code, store.name) for store in self.stores.values()],
            channels=self.known.channels,
            tiers=self.known.tiers,
            groups=self.known.groups,
            drafts=[(rule.public_id, rule.name) for rule in self.at_rest],
        )

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        return {
            "program": self.program,
            "form": self.form,
            "lines": self.lines,
            "tried": self._tried(),
            "categories": [path for path, _label in self.known.categories],
            "brands": [brand for brand, _label in self.known.brands],
            "currency": self.organization.currency,
        }

    def _tried(self) -> Tried | None:
        if not self.is_complete or MORE in self.request.POST:
            return None
        who = self._who()
        if who is None:
            return None
        lines = described(self.organization, list(self.lines.bought()))
        chosen = self._chosen()
        earned = try_basket(
            organization=self.organization,
            program=self.program,
            basket=self._basket(lines),
            who=who,
            with_rules=chosen,
        )
        return tried(self.organization, earned, lines, [rule.rule_id for rule in chosen])

    def _basket(self, lines: Sequence[Any]) -> Basket:
        typed = self.form.cleaned_data
        store = self.stores[typed["store"]]
        store.organization = self.organization
        clock = typed["at"].astimezone(self.organization.zone).replace(tzinfo=store.zone)
        return Basket(
            store=store,
            at=clock,
            lines=lines,
            channel=typed["channel"],
            paid_with=typed["paid_with"],
        )

    def _chosen(self) -> list[RuleOnTrial]:
        names = self.form.cleaned_data.get("drafts") or ()
        return [rule for rule in self.at_rest if rule.public_id in names]

    def _who(self) -> Member | MadeUp | None:
        """Return who buys, or say on the form that there is no such member."""
        if self.form.cleaned_data["who"] != MEMBER:
            return self.form.made_up
        found = _member(self.organization, self.form.cleaned_data["member"])
        if found is None:
            self.form.add_error("member", _("There is no such member."))
        return found


def _member(organization: Organization, text: str) -> Member | None:
    try:
        return member_by_reference(organization, text)
    except Refusal:
        return None


def _program(request: OfficeRequest) -> Program:
    program = program_chosen(request.organization, request.GET.get("program"))
    if program is None:
        raise Http404
    return program

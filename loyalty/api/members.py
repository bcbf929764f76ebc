"""Members: found by what they are known by, enrolled once, changed."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from core.api.answers import Told
from core.api.pagination import page_answer, page_of
from core.api.views import TenantAPIView
from core.idempotency import Answer
from core.models.access import Scope
from core.queries import stores_of
from loyalty.answers import entry_answer, member_answer
from loyalty.api.shapes import (
    EntriesQuery,
    LedgerEntryShown,
    MemberChanges,
    MemberShown,
    MembersShown,
    NewMember,
    OneSign,
    OneSignInQuery,
)
from loyalty.look_up import LookedUp, as_known, looked_up
from loyalty.queries import chosen_program, entries_held_by
from loyalty.services.tier_reading import tiers_answer
from members.errors import StoreUnknown
from members.models import Member, Source
from members.queries import get_member
from members.services.consents import ConsentGiven
from members.services.editing import edit_member
from members.services.enrollment import enroll


class _MemberView(TenantAPIView):
    """What every view that shows members has in common."""

    scopes: ClassVar = {}

    def shown(self, member: Member) -> dict[str, Any]:
        """Return the member as they are now."""
        return _answer(as_known(member))

    def found(self, sent: dict[str, str]) -> HttpResponse:
        """Answer with the member who has this sign, or with nobody."""
        [(sign, text)] = sent.items()
        known = looked_up(self.organization, sign, text)
        return Told({"results": [] if known is None else [_answer(known)]})

    def details(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent with the home store's row in place of its code."""
        details = {name: value for name, value in sent.items() if name != "store"}
        if "store" in sent:
            details["store_id"] = self._store_id(sent["store"])
        return details

    def _store_id(self, code: str | None) -> int | None:
        if code is None:
            return None
        bound_to = self.caller.store
        store = stores_of(self.organization).filter(code=code).first()
        if store is None or (bound_to is not None and bound_to != store):
            raise StoreUnknown
        return store.pk


class MembersView(_MemberView):
    """Members, by phone, card or e-mail."""

    scopes: ClassVar = {"get": Scope.MEMBERS_READ, "post": Scope.MEMBERS_WRITE}
    queries: ClassVar = {"get": OneSignInQuery}
    bodies: ClassVar = {"post": NewMember}
    answers: ClassVar = {"get": {200: MembersShown}, "post": {200: MemberShown, 201: MemberShown}}

    def get(self, _request: Request) -> HttpResponse:
        """Find the one member with this phone, card or e-mail."""
        return self.found(self.query())

    def post(self, _request: Request) -> HttpResponse:
        """Enroll somebody, or answer 200 with the member they already are, unchanged."""
        sent = self.read()

        def act(_request_key: str) -> Answer:
            enrolled = enroll(
                organization_id=self.organization.pk,
                source=Source.API,
                actor=self.actor,
                **self._application(sent),
            )
            return Answer(201 if enrolled.created else 200, self.shown(enrolled.member))

        return self.answer_keyed(sent, act)

    def _application(self, sent: dict[str, Any]) -> dict[str, Any]:
        at_store = {"store": self.caller.store.code} if self.caller.store else {}
        consents = [ConsentGiven(**answer) for answer in sent.get("consents", ())]
        return self.details({**at_store, **sent, "consents": consents})


class FindView(_MemberView):
    """Looks members up without their phone or e-mail in an address."""

    scopes: ClassVar = {"post": Scope.MEMBERS_READ}
    bodies: ClassVar = {"post": OneSign}
    answers: ClassVar = {"post": {200: MembersShown}}
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> HttpResponse:
        """Find the one member with this phone, card or e-mail."""
        return self.found(self.read())


class MemberView(_MemberView):
    """One member."""

    scopes: ClassVar = {"get": Scope.MEMBERS_READ, "patch": Scope.MEMBERS_WRITE}
    bodies: ClassVar = {"patch": MemberChanges}
    answers: ClassVar = {"get": {200: MemberShown}, "patch": {200: MemberShown}}

    def get(self, _request: Request, member_id: UUID) -> HttpResponse:
        """Show a member; one who was merged is shown as the member they became."""
        return Told(self.shown(get_member(self.organization, member_id)))

    def patch(self, _request: Request, member_id: UUID) -> HttpResponse:
        """Change what is known about a member; what is left out stays as it is."""
        member = get_member(self.organization, member_id)
        details = self.details(self.read())
        edited = edit_member(member_id=member.pk, actor=self.actor, **details)
        return Told(self.shown(edited))


class EntriesView(TenantAPIView):
    """What happened to a member's points."""

    scopes: ClassVar = {"get": Scope.MEMBERS_READ}
    queries: ClassVar = {"get": EntriesQuery}
    answers: ClassVar = {"get": {200: page_answer(LedgerEntryShown)}}

    def get(self, _request: Request, member_id: UUID) -> HttpResponse:
        """List a member's entries, newest first in each account, with what gave the points."""
        query = self.query()
        member = get_member(self.organization, member_id)
        if "program" in query:
            chosen_program(self.organization, query["program"])
        entries = entries_held_by(member, program=query.get("program"))
        page = page_of(entries, self, query, by=("-account_id", "-sequence"))
        currency = self.organization.currency
        return Told(
            {
                "results": [
                    entry_answer(entry, currency=currency, awards=entry.awards.all())
                    for entry in page.results
                ],
                "next": page.next,
            }
        )


def _answer(known: LookedUp) -> dict[str, Any]:
    tiers = tiers_answer(known.held)
    return member_answer(known.member, number=known.number, held=known.held, tiers=tiers)

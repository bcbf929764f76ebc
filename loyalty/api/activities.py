"""What members did besides buying, told by shop systems."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from core.api.fields import Choice, OffsetDateTime, Text
from core.api.serializers import StrictSerializer
from core.api.views import TenantAPIView
from core.idempotency import Answer
from core.models.access import Scope
from loyalty.activity_drafts import ActivityDraft
from loyalty.answers import activity_answer
from loyalty.api.shapes import AwardShown, ReasonShown
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.errors import ActivityNameWrong, DuplicateActivity
from loyalty.queries import activities_of, balances_held_by
from loyalty.services.activities import record_activity, refuse_untimely, stored_awards
from members.errors import MemberBlocked, MemberUnknown
from members.fields import MemberReference
from members.models import Member, MemberStatus
from members.queries import member_by_reference


class ActivityBody(StrictSerializer):
    """What a member did; an activity of the shop's own has the name that its rules know."""

    member = MemberReference()
    kind = Choice([kind.value for kind in ActivityKind])
    name = Text(max_length=50, required=False, help_text="Only with the kind `custom`.")
    external_id = Text(
        max_length=128, required=False, help_text="Its number in your system; sent again, refused."
    )
    source = Text(max_length=64, required=False)  # type: ignore[assignment]
    occurred_at = OffsetDateTime(required=False)
    data = serializers.DictField(child=Text(max_length=500, allow_blank=True), required=False)  # type: ignore[assignment]


class ActivityGaveShown(serializers.Serializer):
    """Stamps, vouchers, credits, steps or tickets that one rule gave, and why."""

    kind = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    desired = serializers.IntegerField()
    rule = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    why = ReasonShown(many=True)


class LeftOutShown(serializers.Serializer):
    """A rule that gave nothing, and why."""

    source = serializers.UUIDField()  # type: ignore[assignment]
    name = serializers.CharField()
    why = ReasonShown(many=True)


class ActivityShown(serializers.Serializer):
    """An activity on record and what it earned."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    external_id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    member = serializers.UUIDField()
    occurred_at = OffsetDateTime()
    points = AwardShown(many=True)
    points_total = serializers.IntegerField()
    granted = ActivityGaveShown(many=True)
    not_applied = LeftOutShown(many=True)
    balance = serializers.IntegerField()
    pending = serializers.IntegerField()


class ActivitiesView(TenantAPIView):
    """Records what members do besides buying."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": ActivityBody}
    answers: ClassVar = {"post": {201: ActivityShown}}

    def post(self, _request: Request) -> HttpResponse:
        """Record an activity and give what it earns; one that counts once is refused after that."""
        sent = self.read()
        return self.answer_keyed(sent, lambda key: Answer(201, self._done(sent, key)))

    def _done(self, sent: dict[str, Any], request_key: str) -> dict[str, Any]:
        member = self._member(sent["member"])
        draft = self._draft(sent, member, request_key)
        refuse_untimely(organization_id=self.organization.pk, occurred_at=draft.occurred_at)
        try:
            done = record_activity(
                organization_id=self.organization.pk, draft=draft, actor=self.actor
            )
        except DuplicateActivity as known:
            original = activities_of(self.organization).get(public_id=known.data["activity"])
            told = activity_answer(
                original,
                original.member,
                currency=self.organization.currency,
                awards=stored_awards(original.pk),
                held=balances_held_by(original.member),
            )
            raise DuplicateActivity(activity=told) from known
        return activity_answer(
            done.activity,
            member,
            currency=self.organization.currency,
            awards=stored_awards(done.activity.pk),
            held=balances_held_by(member),
            left_out=done.left_out,
        )

    def _member(self, reference: str) -> Member:
        member = member_by_reference(self.organization, reference)
        if member is None:
            raise MemberUnknown
        if member.status != MemberStatus.ACTIVE:
            raise MemberBlocked
        return member

    def _draft(self, sent: dict[str, Any], member: Member, request_key: str) -> ActivityDraft:
        kind, name = ActivityKind(sent["kind"]), sent.get("name", "")
        if (kind is ActivityKind.CUSTOM) != bool(name):
            raise ActivityNameWrong
        return ActivityDraft(
            member_id=member.pk,
            kind=kind,
            name=name,
            source=sent.get("source") or f"integration:{self.caller.integration.public_id}",
            external_id=sent.get("external_id") or request_key,
            occurred_at=sent.get("occurred_at") or timezone.now(),
            request_key=request_key,
            data=sent.get("data", {}),
            is_dated="occurred_at" in sent,
        )

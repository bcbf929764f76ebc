"""The two endpoints: statements through the ORM, without engine, keys or idempotency."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.minimal.models import Balance, Entry, Lot, Member, Purchase


class SoldLine(serializers.Serializer):
    """A line of a receipt."""

    sku = serializers.CharField(max_length=64)
    quantity = serializers.DecimalField(max_digits=13, decimal_places=3)
    unit_price = serializers.DecimalField(max_digits=14, decimal_places=3)


class Basket(serializers.Serializer):
    """A receipt."""

    external_id = serializers.CharField(max_length=128)
    member = serializers.CharField(max_length=16)
    lines = SoldLine(many=True)


class PurchasesView(APIView):
    """Records a receipt and gives a point per whole unit."""

    def post(self, request: Request) -> Response:
        """Insert the purchase, its entry and its lot, and raise the balance."""
        basket = Basket(data=request.data)
        basket.is_valid(raise_exception=True)
        sent = basket.validated_data
        total = sum((one["quantity"] * one["unit_price"] for one in sent["lines"]), Decimal(0))
        points = int(total)
        with transaction.atomic():
            member = Member.objects.get(phone=sent["member"])
            balance = Balance.objects.select_for_update().get(member=member)
            purchase = Purchase.objects.create(member=member, key=sent["external_id"], total=total)
            balance.points += points
            balance.save(update_fields=["points"])
            Entry.objects.create(
                purchase=purchase, member=member, points=points, balance_after=balance.points
            )
            Lot.objects.create(purchase=purchase, member=member, points=points, remaining=points)
        return Response({"id": purchase.pk, "points": points, "balance": balance.points}, 201)


class MembersView(APIView):
    """Finds a member by phone."""

    def get(self, request: Request) -> Response:
        """Answer with the member and the balance."""
        wanted = request.query_params["phone"]
        found = Member.objects.select_related("balance").get(phone=wanted)
        member = {
            "id": found.pk,
            "name": found.name,
            "phone": found.phone,
            "balance": found.balance.points,
        }
        return Response({"results": [member]})


def alive(_request: HttpRequest) -> HttpResponse:
    """Say that the server is there."""
    return HttpResponse("ok")


urlpatterns = [
    path("livez", alive),
    path("api/v1/purchases/", PurchasesView.as_view()),
    path("api/v1/members/", MembersView.as_view()),
]

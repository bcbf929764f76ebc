"""Where the checkout and redemptions are reached, and the till's main screen."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from core.api.urls import api_path
from rewards.api import purchases, redemptions, returns
from rewards.views import till as till_views

api = [
    api_path("quotes/", purchases.QuotesView, "quotes"),
    api_path("purchases/", purchases.PurchasesView, "purchases"),
    api_path("purchases/<uuid:purchase_id>/", purchases.PurchaseView, "purchase"),
    api_path(
        "purchases/<uuid:purchase_id>/returns/", returns.PurchaseReturnsView, "purchase-returns"
    ),
    api_path("returns/", returns.ReturnsView, "returns"),
    api_path("redemptions/", redemptions.RedemptionsView, "redemptions"),
    api_path("redemptions/<uuid:redemption_id>/", redemptions.RedemptionView, "redemption"),
    api_path(
        "redemptions/<uuid:redemption_id>/capture/", redemptions.CaptureView, "redemption-capture"
    ),
    api_path(
        "redemptions/<uuid:redemption_id>/cancel/", redemptions.CancelView, "redemption-cancel"
    ),
]

till: list[URLPattern | URLResolver] = [
    path("", till_views.home, name="home"),
    path("members/", till_views.add_member, name="add_member"),
    path("quote/", till_views.quote, name="quote"),
    path("purchases/", till_views.ring_up, name="ring_up"),
    path("receipts/<uuid:purchase_id>/", till_views.receipt, name="receipt"),
    path("receipts/<uuid:purchase_id>/undo/", till_views.undo, name="undo"),
]

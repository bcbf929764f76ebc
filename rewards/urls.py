"""Where the checkout and redemptions are reached."""

from __future__ import annotations

from core.api.urls import api_path
from rewards.api import purchases, redemptions, returns

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

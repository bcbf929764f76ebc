"""Where the checkout and redemptions are reached, and the till's main screen."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from core.api.urls import api_path
from rewards.api import members, purchases, redemptions, returns
from rewards.views import catalog, till_claims, till_rewards
from rewards.views import portal as portal_views
from rewards.views import till as till_views

api = [
    api_path("quotes/", purchases.QuotesView, "quotes"),
    api_path("purchases/", purchases.PurchasesView, "purchases"),
    api_path("purchases/<uuid:purchase_id>/", purchases.PurchaseView, "purchase"),
    api_path("purchases/<uuid:purchase_id>/settle/", purchases.SettleView, "purchase-settle"),
    api_path(
        "purchases/<uuid:purchase_id>/returns/", returns.PurchaseReturnsView, "purchase-returns"
    ),
    api_path("purchases/<uuid:purchase_id>/claim/", purchases.ClaimView, "purchase-claim"),
    api_path("returns/", returns.ReturnsView, "returns"),
    api_path("members/<uuid:member_id>/rewards/", members.MemberRewardsView, "member-rewards"),
    api_path("members/<uuid:member_id>/vouchers/", members.MemberVouchersView, "member-vouchers"),
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
    path("receipts/<uuid:purchase_id>/claim/", till_claims.claim, name="claim"),
    path("earlier/", till_claims.earlier, name="earlier"),
    path("rewards/", till_rewards.hand_over, name="hand_over"),
    path("rewards/<uuid:redemption_id>/", till_rewards.redemption, name="redemption"),
    path("rewards/<uuid:redemption_id>/undo/", till_rewards.take_back, name="take_back"),
    path("rewards/<uuid:redemption_id>/use/", till_rewards.use_voucher, name="use_voucher"),
]

office: list[URLPattern | URLResolver] = [
    path("<slug:slug>/rewards/", catalog.rewards, name="rewards"),
    path("<slug:slug>/rewards/add/", catalog.new_reward, name="new_reward"),
    path("<slug:slug>/rewards/<uuid:reward>/", catalog.reward, name="reward"),
    path("<slug:slug>/rewards/<uuid:reward>/edit/", catalog.edit_reward, name="edit_reward"),
    path(
        "<slug:slug>/rewards/<uuid:reward>/to/<str:status>/",
        catalog.set_status,
        name="reward_status",
    ),
    path(
        "<slug:slug>/redemptions/<uuid:redemption>/cancel/",
        catalog.cancel,
        name="cancel_redemption",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/rewards/", catalog.member_rewards, name="member_rewards"
    ),
]

portal: list[URLPattern | URLResolver] = [
    path("", portal_views.card, name="card"),
    path("activity/", portal_views.activity, name="activity"),
    path("rewards/", portal_views.rewards, name="rewards"),
    path("rewards/<uuid:reward_id>/get/", portal_views.get_reward, name="get_reward"),
    path("vouchers/<uuid:redemption_id>/", portal_views.voucher, name="voucher"),
]

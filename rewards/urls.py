"""Where the checkout and redemptions are reached, and the till's main screen."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from core.api.urls import api_path
from rewards.api import gift_cards as gift_card_calls
from rewards.api import members, purchases, redemptions, returns, vouchers
from rewards.views import (
    benefits,
    catalog,
    categories,
    challenges,
    challenges_joined,
    draws,
    draws_public,
    draws_running,
    gift_cards,
    guide,
    portal_gift_cards,
    portal_proof,
    portal_rewards,
    shared_codes,
    stamp_cards,
    stamps_by_hand,
    starting,
    tiers,
    till_claims,
    till_gift_cards,
    till_proofs,
    till_rewards,
    till_vouchers,
    voucher_batches,
    voucher_paper,
)
from rewards.views import gift_card_batches as batches
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
    api_path("members/<uuid:member_id>/stamps/", members.MemberStampsView, "member-stamps"),
    api_path("gift-cards/", gift_card_calls.GiftCardsView, "gift-cards"),
    api_path("gift-cards/load/", gift_card_calls.LoadView, "gift-card-load"),
    api_path("gift-cards/charge/", gift_card_calls.ChargeView, "gift-card-charge"),
    api_path("gift-cards/refund/", gift_card_calls.RefundView, "gift-card-refund"),
    api_path("gift-cards/balance/", gift_card_calls.BalanceView, "gift-card-balance"),
    api_path("redemptions/", redemptions.RedemptionsView, "redemptions"),
    api_path("redemptions/<uuid:redemption_id>/", redemptions.RedemptionView, "redemption"),
    api_path(
        "redemptions/<uuid:redemption_id>/capture/", redemptions.CaptureView, "redemption-capture"
    ),
    api_path(
        "redemptions/<uuid:redemption_id>/cancel/", redemptions.CancelView, "redemption-cancel"
    ),
    api_path("vouchers/check/", vouchers.VoucherCheckView, "voucher-check"),
    api_path("vouchers/use/", vouchers.VoucherUseView, "voucher-use"),
    api_path("vouchers/release/", vouchers.VoucherReleaseView, "voucher-release"),
]

till: list[URLPattern | URLResolver] = [
    path(
        "challenges/<uuid:challenge>/join/",
        challenges_joined.join_at_till,
        name="join_challenge",
    ),
    path("", till_views.home, name="home"),
    path("members/", till_views.add_member, name="add_member"),
    path("quote/", till_views.quote, name="quote"),
    path("purchases/", till_views.ring_up, name="ring_up"),
    path("receipts/<uuid:purchase_id>/", till_views.receipt, name="receipt"),
    path("receipts/<uuid:purchase_id>/undo/", till_views.undo, name="undo"),
    path("receipts/<uuid:purchase_id>/claim/", till_claims.claim, name="claim"),
    path("earlier/", till_claims.earlier, name="earlier"),
    path("gift-cards/", till_gift_cards.gift_card, name="gift_card"),
    path("gift-cards/sell/", till_gift_cards.sell_gift_card, name="sell_gift_card"),
    path("gift-cards/<uuid:card>/", till_gift_cards.gift_card_sold, name="gift_card_sold"),
    path("gift-cards/<uuid:card>/print/", till_gift_cards.print_gift_card, name="print_gift_card"),
    path("members/<uuid:member_id>/proof/", till_proofs.proof, name="proof"),
    path("members/<uuid:member_id>/proof/send/", till_proofs.send_code, name="send_proof_code"),
    path("members/<uuid:member_id>/proof/shown/", till_proofs.prove, name="prove"),
    path("rewards/", till_rewards.hand_over, name="hand_over"),
    path("rewards/<uuid:redemption_id>/", till_rewards.redemption, name="redemption"),
    path("rewards/<uuid:redemption_id>/undo/", till_rewards.take_back, name="take_back"),
    path("vouchers/<uuid:voucher_id>/", till_vouchers.voucher, name="voucher"),
    path("vouchers/<uuid:voucher_id>/use/", till_vouchers.use_voucher, name="use_voucher"),
    path(
        "vouchers/<uuid:voucher_id>/used/<int:use>/",
        till_vouchers.voucher_used,
        name="voucher_used",
    ),
    path(
        "vouchers/<uuid:voucher_id>/used/<int:use>/undo/",
        till_vouchers.release_voucher,
        name="release_voucher",
    ),
]

benefit_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/benefits/", benefits.benefits, name="benefits"),
    path("<slug:slug>/benefits/new/", benefits.new_benefit, name="new_benefit"),
    path("<slug:slug>/benefits/words/", benefits.benefit_words, name="benefit_words"),
    path("<slug:slug>/benefits/<uuid:benefit>/", benefits.benefit, name="benefit"),
    path("<slug:slug>/benefits/<uuid:benefit>/edit/", benefits.edit_benefit, name="edit_benefit"),
    path(
        "<slug:slug>/benefits/<uuid:benefit>/to/<str:state>/",
        benefits.set_state,
        name="set_benefit_state",
    ),
]

gift_card_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/gift-cards/", gift_cards.gift_cards, name="gift_cards"),
    path("<slug:slug>/gift-cards/sell/", gift_cards.sell_gift_card, name="sell_gift_card"),
    path("<slug:slug>/gift-cards/settings/", batches.gift_card_terms, name="gift_card_terms"),
    path("<slug:slug>/gift-cards/batches/", batches.gift_card_batches, name="gift_card_batches"),
    path(
        "<slug:slug>/gift-cards/batches/rows/",
        batches.gift_card_batch_rows,
        name="gift_card_batch_rows",
    ),
    path(
        "<slug:slug>/gift-cards/batches/<uuid:batch>/codes/",
        batches.gift_card_codes,
        name="gift_card_codes",
    ),
    path("<slug:slug>/gift-cards/<uuid:card>/", gift_cards.gift_card, name="gift_card"),
    path(
        "<slug:slug>/gift-cards/<uuid:card>/<slug:step>/",
        gift_cards.act_on_gift_card,
        name="act_on_gift_card",
    ),
]

challenge_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/program/challenges/", challenges.challenges, name="challenges"),
    path("<slug:slug>/program/challenges/new/", challenges.new_challenge, name="new_challenge"),
    path("<slug:slug>/program/challenges/levels/", challenges.levels, name="levels"),
    path(
        "<slug:slug>/program/challenges/preview/",
        challenges.challenge_preview,
        name="preview_challenge",
    ),
    path(
        "<slug:slug>/program/challenges/<uuid:challenge>/",
        challenges.challenge,
        name="challenge",
    ),
    path(
        "<slug:slug>/program/challenges/<uuid:challenge>/edit/",
        challenges.edit_challenge,
        name="edit_challenge",
    ),
    path(
        "<slug:slug>/program/challenges/<uuid:challenge>/<slug:state>/",
        challenges.set_state,
        name="set_challenge_state",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/challenges/",
        challenges_joined.member_challenges,
        name="member_challenges",
    ),
]

tier_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/program/tiers/", tiers.tiers, name="tiers"),
    path("<slug:slug>/program/tiers/edit/", tiers.edit_tiers, name="edit_tiers"),
    path("<slug:slug>/program/tiers/preview/", tiers.tiers_preview, name="preview_tiers"),
    path("<slug:slug>/program/tiers/away/", tiers.put_tiers_away, name="put_tiers_away"),
    path("<slug:slug>/members/<uuid:member>/tier/", tiers.member_tier, name="member_tier"),
    path(
        "<slug:slug>/members/<uuid:member>/tier/<int:given>/end/",
        tiers.end_member_tier,
        name="end_member_tier",
    ),
]

draw_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/draws/", draws.draws, name="draws"),
    path("<slug:slug>/draws/new/", draws.new_draw, name="new_draw"),
    path("<slug:slug>/draws/<uuid:draw>/", draws.draw, name="draw"),
    path("<slug:slug>/draws/<uuid:draw>/edit/", draws.edit_draw, name="edit_draw"),
    path("<slug:slug>/draws/<uuid:draw>/document/", draws.draw_document, name="draw_document"),
    path(
        "<slug:slug>/draws/<uuid:draw>/tickets/",
        draws_running.tickets_by_hand,
        name="draw_tickets_by_hand",
    ),
    path(
        "<slug:slug>/draws/<uuid:draw>/results/<int:rank>/pass-on/",
        draws_running.pass_on_prize,
        name="pass_on_prize",
    ),
    path("<slug:slug>/draws/<uuid:draw>/<slug:to>/", draws_running.step, name="draw_step"),
]

voucher_pages: list[URLPattern | URLResolver] = [
    path("<slug:slug>/vouchers/", voucher_batches.vouchers, name="vouchers"),
    path("<slug:slug>/vouchers/batches/new/", voucher_batches.new_batch, name="new_voucher_batch"),
    path(
        "<slug:slug>/vouchers/batches/<uuid:batch>/",
        voucher_batches.voucher_batch,
        name="voucher_batch",
    ),
    path(
        "<slug:slug>/vouchers/batches/<uuid:batch>/stop/",
        voucher_batches.stop_voucher_batch,
        name="stop_voucher_batch",
    ),
    path(
        "<slug:slug>/vouchers/batches/<uuid:batch>/codes.csv",
        voucher_batches.voucher_codes,
        name="voucher_codes",
    ),
    path(
        "<slug:slug>/vouchers/batches/<uuid:batch>/print/",
        voucher_paper.print_batch,
        name="print_batch",
    ),
    path("<slug:slug>/vouchers/codes/", shared_codes.shared_codes, name="shared_codes"),
    path("<slug:slug>/vouchers/codes/new/", shared_codes.new_shared_code, name="new_shared_code"),
    path("<slug:slug>/vouchers/codes/<uuid:code>/", shared_codes.shared_code, name="shared_code"),
    path(
        "<slug:slug>/vouchers/codes/<uuid:code>/print/",
        voucher_paper.print_shared_code,
        name="print_shared_code",
    ),
    path(
        "<slug:slug>/vouchers/codes/<uuid:code>/to/<slug:step>/",
        shared_codes.set_shared_code,
        name="set_shared_code",
    ),
    path(
        "<slug:slug>/vouchers/uses/<int:use>/release/",
        shared_codes.release_use,
        name="release_voucher",
    ),
]

office: list[URLPattern | URLResolver] = [
    *benefit_pages,
    path("<slug:slug>/program/start/", starting.begin, name="start"),
    path("<slug:slug>/program/start/<slug:step>/", starting.step, name="start_step"),
    path("<slug:slug>/program/start/<slug:step>/words/", starting.words, name="start_words"),
    path("<slug:slug>/program/handbook/", guide.handbook, name="handbook"),
    path("<slug:slug>/program/stamps/", stamp_cards.cards, name="stamp_cards"),
    path("<slug:slug>/program/stamps/new/", stamp_cards.new_card, name="new_stamp_card"),
    path(
        "<slug:slug>/program/stamps/preview/",
        stamp_cards.card_preview,
        name="preview_stamp_card",
    ),
    path("<slug:slug>/program/stamps/<uuid:card>/", stamp_cards.card, name="stamp_card"),
    path(
        "<slug:slug>/program/stamps/<uuid:card>/edit/",
        stamp_cards.edit_card,
        name="edit_stamp_card",
    ),
    path(
        "<slug:slug>/program/stamps/<uuid:card>/<slug:state>/",
        stamp_cards.set_state,
        name="set_stamp_card_state",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/stamps/",
        stamps_by_hand.member_stamps,
        name="member_stamps",
    ),
    *challenge_pages,
    *gift_card_pages,
    *tier_pages,
    *draw_pages,
    *voucher_pages,
    path("<slug:slug>/rewards/", catalog.rewards, name="rewards"),
    path("<slug:slug>/rewards/add/", catalog.new_reward, name="new_reward"),
    path("<slug:slug>/rewards/categories/", categories.categories, name="reward_categories"),
    path(
        "<slug:slug>/rewards/categories/<uuid:category>/rename/",
        categories.rename,
        name="rename_reward_category",
    ),
    path(
        "<slug:slug>/rewards/categories/<uuid:category>/remove/",
        categories.remove,
        name="remove_reward_category",
    ),
    path(
        "<slug:slug>/rewards/categories/<uuid:category>/<str:way>/",
        categories.move,
        name="move_reward_category",
    ),
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
    path("how/", guide.how_it_works, name="how"),
    path("activity/", portal_views.activity, name="activity"),
    path("stamps/", portal_views.stamps, name="stamps"),
    path("tiers/", portal_views.tiers, name="tiers"),
    path("challenges/", challenges_joined.challenges, name="challenges"),
    path("challenges/<uuid:challenge>/join/", challenges_joined.join, name="join_challenge"),
    path("achievements/", challenges_joined.achievements, name="achievements"),
    path("draws/", draws_public.draws, name="draws"),
    path("draws/<uuid:draw>/", draws_public.draw, name="draw"),
    path("draws/<uuid:draw>/document/", draws_public.document, name="draw_document"),
    path("gift-cards/", portal_gift_cards.gift_cards, name="gift_cards"),
    path("gift-cards/<uuid:card>/", portal_gift_cards.gift_card, name="gift_card"),
    path("rewards/", portal_rewards.rewards, name="rewards"),
    path("rewards/<uuid:reward_id>/", portal_rewards.reward, name="reward"),
    path("rewards/<uuid:reward_id>/get/", portal_rewards.get_reward, name="get_reward"),
    path("vouchers/<uuid:redemption_id>/", portal_rewards.voucher, name="voucher"),
    path("vouchers/<uuid:redemption_id>/print/", voucher_paper.print_voucher, name="print_voucher"),
    path("proof/", portal_proof.proof, name="proof"),
]

"""How the log says what was done to rewards."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from rewards.batch_queries import batches_of as voucher_batches_of
from rewards.gift_card_codes import masked
from rewards.queries import categories_of, rewards_of, vouchers_of
from rewards.services.benefit_reading import benefits_of
from rewards.services.draw_reading import draws_of
from rewards.services.gift_card_reading import batches_of, cards_of
from rewards.voucher_codes import GROUP


def _rewards(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in rewards_of(organization).filter(pk__in=ids)}


def _benefits(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in benefits_of(organization).filter(pk__in=ids)}


def _gift_cards(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(masked(one.code)) for one in cards_of(organization).filter(pk__in=ids)}


def _batches(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in batches_of(organization).filter(pk__in=ids)}


def _terms(_organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {pk: Thing(str(gettext_lazy("gift cards"))) for pk in ids}


def _draws(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in draws_of(organization).filter(pk__in=ids)}


def _categories(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = categories_of(organization).filter(pk__in=ids)
    return {one.pk: Thing(one.name) for one in found}


def _voucher_batches(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    slug = organization.slug
    return {
        one.pk: Thing(one.name, reverse("office:voucher_batch", args=[slug, one.public_id]))
        for one in voucher_batches_of(organization).filter(pk__in=ids)
    }


def _codes(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    slug = organization.slug
    return {
        one.pk: Thing(one.code, reverse("office:shared_code", args=[slug, one.public_id]))
        if one.is_shared
        else Thing(f"…{one.code[-GROUP:]}")
        for one in vouchers_of(organization).filter(pk__in=ids)
    }


KINDS = (
    Kind(
        subject="rewards.benefit",
        label=gettext_lazy("Benefits"),
        sentences={
            "added": gettext_lazy("%(who)s added the benefit %(what)s"),
            "changed": gettext_lazy("%(who)s changed the benefit %(what)s"),
        },
        named=_benefits,
        fields={
            "name": gettext_lazy("name"),
            "status": gettext_lazy("state"),
            "versions": gettext_lazy("what it says"),
        },
    ),
    Kind(
        subject="rewards.giftcard",
        label=gettext_lazy("Gift cards"),
        sentences={
            "adjusted": gettext_lazy("%(who)s corrected the gift card %(what)s"),
            "blocked": gettext_lazy("%(who)s blocked the gift card %(what)s"),
            "unblocked": gettext_lazy("%(who)s unblocked the gift card %(what)s"),
            "mailed": gettext_lazy("%(who)s sent the gift card %(what)s by e-mail again"),
        },
        named=_gift_cards,
    ),
    Kind(
        subject="rewards.giftcardbatch",
        label=gettext_lazy("Printed gift cards"),
        sentences={
            "ordered": gettext_lazy("%(who)s ordered the printed gift cards %(what)s"),
            "downloaded": gettext_lazy("%(who)s downloaded the codes of %(what)s"),
        },
        named=_batches,
    ),
    Kind(
        subject="rewards.giftcardterms",
        label=gettext_lazy("Gift card settings"),
        sentences={"changed": gettext_lazy("%(who)s changed the settings of %(what)s")},
        named=_terms,
        fields={
            "valid_months": gettext_lazy("months a card can be used"),
            "asks_pin": gettext_lazy("PIN"),
            "balance_max": gettext_lazy("most on a card"),
            "load_max": gettext_lazy("most at once"),
            "refund_to_ended": gettext_lazy("refunds to ended cards"),
        },
    ),
    Kind(
        subject="rewards.reward",
        label=gettext_lazy("Rewards"),
        sentences={
            "loaded": gettext_lazy("%(who)s loaded the reward %(what)s from a file"),
            "added": gettext_lazy("%(who)s added the reward %(what)s"),
            "changed": gettext_lazy("%(who)s changed the reward %(what)s"),
        },
        named=_rewards,
        fields={
            "name": gettext_lazy("name"),
            "points": gettext_lazy("price"),
            "status": gettext_lazy("state"),
            "stock": gettext_lazy("stock"),
            "kind": gettext_lazy("kind"),
            "amount": gettext_lazy("amount off"),
            "description": gettext_lazy("description"),
            "terms": gettext_lazy("terms"),
            "valid_days": gettext_lazy("days a voucher can be used"),
            "details": gettext_lazy("what it is"),
            "category_id": gettext_lazy("category"),
            "picture": gettext_lazy("picture"),
            "picture_alt": gettext_lazy("what the picture shows"),
            "price_money": gettext_lazy("price in money"),
            "cost": gettext_lazy("cost"),
            "starts_on": gettext_lazy("first day"),
            "ends_on": gettext_lazy("last day"),
            "stores": gettext_lazy("stores"),
            "tiers": gettext_lazy("tiers"),
            "groups": gettext_lazy("groups"),
            "shown_to_all": gettext_lazy("who sees it"),
            "limit_count": gettext_lazy("limit per member"),
            "limit_period": gettext_lazy("time of the limit"),
        },
    ),
    Kind(
        subject="rewards.draw",
        label=gettext_lazy("Prize draws"),
        sentences={
            "loaded": gettext_lazy("%(who)s loaded the draw %(what)s from a file"),
            "added": gettext_lazy("%(who)s added the draw %(what)s"),
            "changed": gettext_lazy("%(who)s changed the draw %(what)s"),
            "opened": gettext_lazy("%(who)s opened the draw %(what)s"),
            "closed": gettext_lazy("%(who)s closed the draw %(what)s"),
            "drew": gettext_lazy("%(who)s drew the winners of %(what)s"),
            "canceled": gettext_lazy("%(who)s canceled the draw %(what)s"),
            "passed_on": gettext_lazy("%(who)s passed on a prize of %(what)s"),
            "gave_tickets": gettext_lazy("%(who)s gave tickets of %(what)s by hand"),
        },
        named=_draws,
        fields={
            "name": gettext_lazy("name"),
            "description": gettext_lazy("description"),
            "terms": gettext_lazy("terms"),
            "opens_at": gettext_lazy("opening"),
            "closes_at": gettext_lazy("closing"),
            "prizes": gettext_lazy("prizes"),
            "alternates": gettext_lazy("alternates"),
            "tickets_per_member": gettext_lazy("most tickets of one member"),
            "wins_once": gettext_lazy("whether members win once"),
            "leaves_out_staff": gettext_lazy("whether staff can win"),
            "groups_out": gettext_lazy("groups that cannot win"),
            "winners_out_of": gettext_lazy("earlier winners who cannot win"),
            "public_source": gettext_lazy("public text"),
            "status": gettext_lazy("state"),
            "tickets": gettext_lazy("tickets"),
            "results": gettext_lazy("result"),
        },
    ),
    Kind(
        subject="rewards.rewardcategory",
        label=gettext_lazy("Categories of rewards"),
        sentences={
            "loaded": gettext_lazy("%(who)s loaded the category %(what)s from a file"),
            "added": gettext_lazy("%(who)s added the category %(what)s"),
            "changed": gettext_lazy("%(who)s changed the category %(what)s"),
            "removed": gettext_lazy("%(who)s took the category %(what)s away"),
        },
        named=_categories,
        fields={"name": gettext_lazy("name"), "position": gettext_lazy("place")},
    ),
    Kind(
        subject="rewards.voucherbatch",
        label=gettext_lazy("Batches of vouchers"),
        sentences={
            "added": gettext_lazy("%(who)s ordered the vouchers %(what)s"),
            "stopped": gettext_lazy("%(who)s stopped the vouchers %(what)s"),
            "printed": gettext_lazy("%(who)s printed vouchers of %(what)s"),
            "exported": gettext_lazy("%(who)s took all codes of %(what)s as a table"),
        },
        named=_voucher_batches,
    ),
    Kind(
        subject="rewards.voucher",
        label=gettext_lazy("Shared codes"),
        sentences={
            "added": gettext_lazy("%(who)s added the code %(what)s"),
            "paused": gettext_lazy("%(who)s paused the code %(what)s"),
            "resumed": gettext_lazy("%(who)s let the code %(what)s count again"),
            "canceled": gettext_lazy("%(who)s ended the code %(what)s"),
            "released": gettext_lazy("%(who)s undid a use of the voucher %(what)s"),
        },
        named=_codes,
    ),
)

"""How the log says what was done to programs, rules and points."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from loyalty.queries import (
    adjustment_requests_of,
    holders_behind,
    holders_of,
    programs_of,
    purchases_of,
    rules_of,
)
from loyalty.services.challenge_reading import accounts_of_runs, challenges_of
from loyalty.services.stamp_reading import cards_of
from members.log_words import member_thing


def _programs(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in programs_of(organization).filter(pk__in=ids)}


def _rules(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in rules_of(organization).filter(pk__in=ids)}


def _challenges(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {
        one.pk: Thing(
            one.name, reverse("office:challenge", args=[organization.slug, one.public_id])
        )
        for one in challenges_of(organization).filter(pk__in=ids)
    }


def _tries(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    """Name a try at a challenge by whose it is."""
    accounts = accounts_of_runs(organization, ids)
    held = holders_of(organization, accounts.values())
    return {
        pk: member_thing(organization, held[account])
        for pk, account in accounts.items()
        if account in held
    }


def _stamp_cards(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in cards_of(organization).filter(pk__in=ids)}


def _entries(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    """Name an entry by whose points it moved."""
    behind = holders_behind(organization, ids)
    return {pk: member_thing(organization, member) for pk, member in behind.items()}


def _accounts(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    held = holders_of(organization, ids)
    return {pk: member_thing(organization, member) for pk, member in held.items()}


def _requests(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    """Name a correction by whose points it is about."""
    asked = adjustment_requests_of(organization).filter(pk__in=ids)
    return {one.pk: member_thing(organization, one.member) for one in asked}


def _purchases(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    """Name a purchase by its receipt."""
    return {
        one.pk: Thing(
            one.external_id, reverse("office:purchase", args=[organization.slug, one.public_id])
        )
        for one in purchases_of(organization).filter(pk__in=ids)
    }


KINDS = (
    Kind(
        subject="loyalty.purchase",
        label=gettext_lazy("Purchases"),
        sentences={
            "settled": gettext_lazy("%(who)s settled the purchase %(what)s"),
            "claimed": gettext_lazy("%(who)s gave a receipt without a member its member: %(what)s"),
        },
        named=_purchases,
    ),
    Kind(
        subject="loyalty.program",
        label=gettext_lazy("Programs"),
        sentences={
            "added": gettext_lazy("%(who)s made the program %(what)s"),
            "changed": gettext_lazy("%(who)s changed the program %(what)s"),
        },
        named=_programs,
        fields={
            "name": gettext_lazy("name"),
            "status": gettext_lazy("state"),
            "is_open": gettext_lazy("who may join"),
            "settings": gettext_lazy("terms"),
            "tiers": gettext_lazy("tiers"),
        },
    ),
    Kind(
        subject="loyalty.rule",
        label=gettext_lazy("Rules"),
        sentences={
            "added": gettext_lazy("%(who)s added the rule %(what)s"),
            "changed": gettext_lazy("%(who)s changed the rule %(what)s"),
        },
        named=_rules,
        fields={
            "name": gettext_lazy("name"),
            "status": gettext_lazy("state"),
            "versions": gettext_lazy("what it gives"),
        },
    ),
    Kind(
        subject="loyalty.challenge",
        label=gettext_lazy("Challenges"),
        sentences={
            "added": gettext_lazy("%(who)s added the challenge %(what)s"),
            "changed": gettext_lazy("%(who)s changed the challenge %(what)s"),
        },
        named=_challenges,
        fields={
            "name": gettext_lazy("name"),
            "status": gettext_lazy("state"),
            "versions": gettext_lazy("what it says"),
        },
    ),
    Kind(
        subject="loyalty.challengerun",
        label=gettext_lazy("Members in challenges"),
        sentences={"joined": gettext_lazy("%(who)s let %(what)s take part in a challenge")},
        named=_tries,
    ),
    Kind(
        subject="loyalty.stampcard",
        label=gettext_lazy("Stamp cards"),
        sentences={
            "added": gettext_lazy("%(who)s added the stamp card %(what)s"),
            "changed": gettext_lazy("%(who)s changed the stamp card %(what)s"),
        },
        named=_stamp_cards,
        fields={
            "name": gettext_lazy("name"),
            "status": gettext_lazy("state"),
            "versions": gettext_lazy("what it asks for and gives"),
        },
    ),
    Kind(
        subject="loyalty.entry",
        label=gettext_lazy("Corrections of points"),
        sentences={
            "adjust": gettext_lazy("%(who)s corrected the points of %(what)s"),
            "forfeit": gettext_lazy("%(who)s gave up all points of %(what)s"),
            "transfer": gettext_lazy("%(who)s moved points from or to %(what)s"),
        },
        named=_entries,
    ),
    Kind(
        subject="loyalty.adjustmentrequest",
        label=gettext_lazy("Approvals"),
        sentences={
            "asked": gettext_lazy("%(who)s asked for a correction of the points of %(what)s"),
            "approved": gettext_lazy("%(who)s approved a correction of the points of %(what)s"),
            "declined": gettext_lazy("%(who)s declined a correction of the points of %(what)s"),
            "withdrawn": gettext_lazy("%(who)s withdrew a correction of the points of %(what)s"),
        },
        named=_requests,
    ),
    Kind(
        subject="loyalty.account",
        label=gettext_lazy("Accounts"),
        sentences={
            "quarantine": gettext_lazy("%(who)s stopped the account of %(what)s for a review"),
            "rebuild": gettext_lazy("%(who)s computed the balance of %(what)s anew"),
            "release_account": gettext_lazy("%(who)s ended the review of the account of %(what)s"),
            "gave_stamps": gettext_lazy("%(who)s gave stamps to %(what)s by hand"),
            "took_stamps": gettext_lazy("%(who)s took stamps from %(what)s by hand"),
            "tier_given": gettext_lazy("%(who)s gave %(what)s a tier"),
            "tier_ended": gettext_lazy("%(who)s ended a tier that %(what)s was given"),
            "tier_rebuilt": gettext_lazy("%(who)s told the tier of %(what)s anew"),
        },
        named=_accounts,
    ),
    Kind(
        subject="loyalty.receiptupload",
        label=gettext_lazy("Uploaded files"),
        sentences={
            "uploaded": gettext_lazy("%(who)s uploaded a file of receipts"),
            "changed": gettext_lazy("%(who)s moved an upload on"),
        },
    ),
    Kind(
        subject="loyalty.receiptimport",
        label=gettext_lazy("Imports"),
        sentences={"imported": gettext_lazy("%(who)s brought in past receipts")},
    ),
)

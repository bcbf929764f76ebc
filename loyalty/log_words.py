"""How the log says what was done to programs, rules and points."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from loyalty.queries import holders_behind, holders_of, programs_of, rules_of
from members.log_words import member_thing


def _programs(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in programs_of(organization).filter(pk__in=ids)}


def _rules(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in rules_of(organization).filter(pk__in=ids)}


def _entries(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    """Name an entry by whose points it moved."""
    behind = holders_behind(organization, ids)
    return {pk: member_thing(organization, member) for pk, member in behind.items()}


def _accounts(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    held = holders_of(organization, ids)
    return {pk: member_thing(organization, member) for pk, member in held.items()}


KINDS = (
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
        subject="loyalty.entry",
        label=gettext_lazy("Corrections of points"),
        sentences={
            "adjust": gettext_lazy("%(who)s corrected the points of %(what)s"),
            "transfer": gettext_lazy("%(who)s moved points from or to %(what)s"),
        },
        named=_entries,
    ),
    Kind(
        subject="loyalty.account",
        label=gettext_lazy("Accounts"),
        sentences={
            "quarantine": gettext_lazy("%(who)s stopped the account of %(what)s for a review"),
            "rebuild": gettext_lazy("%(who)s computed the balance of %(what)s anew"),
            "release_account": gettext_lazy("%(who)s ended the review of the account of %(what)s"),
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

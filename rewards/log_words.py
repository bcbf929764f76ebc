"""How the log says what was done to rewards."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from rewards.queries import rewards_of


def _rewards(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in rewards_of(organization).filter(pk__in=ids)}


KINDS = (
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
        },
    ),
)

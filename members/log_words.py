"""How the log says what was done to members."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from members.models import Member
from members.queries import members_of


def member_thing(organization: Organization, member: Member) -> Thing:
    """Return a member as the log names them today; whoever was erased has no name left."""
    url = reverse("office:member", args=[organization.slug, member.public_id])
    return Thing(member.name or _("a member without a name"), url)


def _members(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = members_of(organization).filter(pk__in=ids)
    return {member.pk: member_thing(organization, member) for member in found}


KINDS = (
    Kind(
        subject="members.member",
        label=gettext_lazy("Members"),
        sentences={
            "enrolled": gettext_lazy("%(who)s enrolled %(what)s"),
            "edited": gettext_lazy("%(who)s edited %(what)s"),
            "blocked": gettext_lazy("%(who)s blocked %(what)s"),
            "unblocked": gettext_lazy("%(who)s lifted the block of %(what)s"),
            "signed_in": gettext_lazy("%(who)s signed in: %(what)s"),
            "consented": gettext_lazy("%(who)s noted a consent of %(what)s"),
            "merged": gettext_lazy("%(who)s merged two members: %(what)s"),
            "parted": gettext_lazy("%(who)s undid a merge: %(what)s"),
            "made_household": gettext_lazy("%(who)s made a household, with its head %(what)s"),
            "joined_household": gettext_lazy("%(who)s put %(what)s into a household"),
            "left_household": gettext_lazy("%(who)s took %(what)s out of a household"),
            "limited": gettext_lazy("%(who)s changed what %(what)s may spend of a household"),
        },
        named=_members,
        fields={
            "phone": gettext_lazy("phone"),
            "email": gettext_lazy("e-mail"),
            "email_key": gettext_lazy("e-mail"),
            "name": gettext_lazy("name"),
            "birth_month": gettext_lazy("birthday"),
            "birth_day": gettext_lazy("birthday"),
            "birth_year": gettext_lazy("birthday"),
            "birthday": gettext_lazy("birthday"),
            "language": gettext_lazy("language"),
            "home_store_id": gettext_lazy("home store"),
            "store_id": gettext_lazy("home store"),
            "external_id": gettext_lazy("id in another system"),
            "attributes": gettext_lazy("attributes"),
            "card": gettext_lazy("card"),
            "consents": gettext_lazy("consents"),
        },
    ),
)

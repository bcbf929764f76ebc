"""How the log says what was done to members."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.log_words import Kind, Thing
from core.models import Organization
from members.models import Member
from members.queries import attributes_of, groups_of, members_of


def member_thing(organization: Organization, member: Member) -> Thing:
    """Return a member as the log names them today; whoever was erased has no name left."""
    url = reverse("office:member", args=[organization.slug, member.public_id])
    return Thing(member.name or _("a member without a name"), url)


def _members(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = members_of(organization).filter(pk__in=ids)
    return {member.pk: member_thing(organization, member) for member in found}


def _groups(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    slug = organization.slug
    return {
        one.pk: Thing(one.name, reverse("office:group", args=[slug, one.public_id]))
        for one in groups_of(organization).filter(pk__in=ids)
    }


def _attributes(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    url = reverse("office:attributes", args=[organization.slug])
    found = attributes_of(organization).filter(pk__in=ids)
    return {one.pk: Thing(one.label, url) for one in found}


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
            "joined_group": gettext_lazy("%(who)s put %(what)s into a group"),
            "left_group": gettext_lazy("%(who)s took %(what)s out of a group"),
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
    Kind(
        subject="members.attributedefinition",
        label=gettext_lazy("What is noted of members"),
        sentences={
            "added": gettext_lazy("%(who)s let something new be noted of members: %(what)s"),
            "changed": gettext_lazy("%(who)s changed what is noted of members: %(what)s"),
        },
        named=_attributes,
        fields={
            "label": gettext_lazy("name"),
            "audience": gettext_lazy("who sees it"),
            "choices": gettext_lazy("the list to choose from"),
        },
    ),
    Kind(
        subject="members.group",
        label=gettext_lazy("Groups"),
        sentences={
            "added": gettext_lazy("%(who)s made the group %(what)s"),
            "changed": gettext_lazy("%(who)s changed the group %(what)s"),
            "filled": gettext_lazy("%(who)s put members into the group %(what)s"),
            "emptied": gettext_lazy("%(who)s took members out of the group %(what)s"),
        },
        named=_groups,
        fields={"name": gettext_lazy("name")},
    ),
)

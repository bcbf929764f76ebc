"""Who takes part: one member per person and organization."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from members import emails, names
from members.birthdays import Birthday

PHONE_LENGTH_MAX = 16


class MemberStatus(models.TextChoices):
    """Whether the member takes part."""

    ACTIVE = "active", _("Active")
    BLOCKED = "blocked", _("Blocked")
    MERGED = "merged", _("Merged")
    ERASED = "erased", _("Erased")


class Source(models.TextChoices):
    """Where somebody joined or consented."""

    TILL = "till", _("Till")
    PORTAL = "portal", _("Portal")
    API = "api", _("Shop system")
    OFFICE = "office", _("Back-office")
    IMPORT = "import", _("Import")


OPEN = (MemberStatus.ACTIVE, MemberStatus.BLOCKED)
# With a condition, and so no keys in PostgreSQL's eyes: whoever changes one of them does not keep
# purchases and redemptions waiting, which refer to the member while accounts are locked.
UNIQUE_IF_KNOWN = [
    models.UniqueConstraint(
        fields=["organization", field], name=name, condition=Q(**{f"{field}__isnull": False})
    )
    for field, name in (
        ("phone", "phone_belongs_to_one_member"),
        ("email_key", "email_belongs_to_one_member"),
        ("external_id", "external_id_belongs_to_one_member"),
        ("user", "user_is_one_member"),
    )
]


class MemberQuerySet(models.QuerySet["Member"]):
    """Questions about members."""

    def present(self) -> MemberQuerySet:
        """Keep those who still take part, blocked ones included."""
        return self.filter(status__in=OPEN)

    def ending_with(self, digits: str) -> MemberQuerySet:
        """Keep those whose phone number ends with these digits, in the order of the index."""
        return self.filter(phone_reversed__startswith=digits[::-1]).order_by("phone_reversed")


class Member(models.Model):
    """A person as one organization knows them; what they hold is kept by higher apps."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="members")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Unknown is NULL and not "", because every known one is unique in its organization.
    phone = models.CharField(max_length=PHONE_LENGTH_MAX, null=True, blank=True)  # noqa: DJ001
    email = models.CharField(max_length=emails.LENGTH_MAX, null=True, blank=True)  # noqa: DJ001
    email_key = models.CharField(  # noqa: DJ001
        max_length=emails.KEY_LENGTH_MAX, null=True, blank=True, editable=False
    )
    external_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001
    name = models.CharField(max_length=names.LENGTH_MAX, blank=True)
    birth_month = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=12, blank=True)
    home_store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="members"
    )
    status = models.CharField(
        max_length=8, choices=MemberStatus.choices, default=MemberStatus.ACTIVE
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_members"
    )
    attributes = models.JSONField(default=dict, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
    )
    joined_at = models.DateTimeField(default=timezone.now)
    joined_source = models.CharField(max_length=8, choices=Source.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    # Last digits are a prefix of the reversed number, and a prefix is what an index can find.
    phone_reversed = models.GeneratedField(
        expression=Reverse("phone"),
        output_field=models.CharField(max_length=PHONE_LENGTH_MAX, null=True, db_collation="C"),
        db_persist=True,
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            *UNIQUE_IF_KNOWN,
            models.UniqueConstraint("organization", "id", name="member_belongs_to_organization"),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="member_phone_is_in_e164",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=True, email_key__isnull=True)
                | Q(email__isnull=False, email_key__isnull=False),
                name="member_email_comes_with_its_key",
            ),
            models.CheckConstraint(
                condition=Q(external_id__isnull=True) | ~Q(external_id=""),
                name="member_external_id_is_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(
                    birth_month__isnull=True, birth_day__isnull=True, birth_year__isnull=True
                )
                | Q(
                    birth_month__isnull=False,
                    birth_day__isnull=False,
                    birth_month__range=(1, 12),
                    birth_day__range=(1, 31),
                ),
                name="member_birthday_is_a_day_of_the_year",
            ),
            models.CheckConstraint(
                condition=Q(status__in=MemberStatus.values),
                name="member_status_is_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(status=MemberStatus.MERGED, merged_into__isnull=False)
                | (~Q(status=MemberStatus.MERGED) & Q(merged_into__isnull=True)),
                name="merged_member_names_its_survivor",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="member_is_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=~Q(status=MemberStatus.ERASED)
                | Q(
                    phone__isnull=True,
                    email__isnull=True,
                    external_id__isnull=True,
                    name="",
                    birth_month__isnull=True,
                    user__isnull=True,
                    attributes={},
                ),
                name="erased_member_keeps_no_identity",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "phone_reversed"], name="members_by_last_digits"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.public_id)

    @property
    def birthday(self) -> Birthday | None:
        """Return the birthday as one value."""
        if self.birth_month is None or self.birth_day is None:
            return None
        return Birthday(self.birth_month, self.birth_day, self.birth_year)

    @property
    def is_open(self) -> bool:
        """Say whether the member still takes part, be it blocked for now."""
        return self.status in OPEN

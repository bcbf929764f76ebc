"""Who signs in: users, the staff roles they hold, and their sessions at a register."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.organizations import Organization, Register, Store


class UserManager(BaseUserManager["User"]):
    """Makes users, who are known by e-mail or not at all."""

    def create_user(self, email: str | None = None, password: str | None = None) -> User:
        """Make a person; without a password they sign in by code, passkey or one-time link."""
        user: User = self.model(email=self.normalize_email(email) or None)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **_extra: Any) -> User:
        """Make an operator, who may look around in ``/admin/``."""
        user = self.create_user(email, password)
        user.is_superuser = True
        user.save(using=self._db, update_fields=["is_superuser"])
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person everywhere: staff of one organization, member of others."""

    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    @property
    def is_staff(self) -> bool:
        """Say whether Django's admin may open: for operators only."""
        return self.is_superuser


class Role(models.TextChoices):
    """What a staff member may do; see docs/surfaces.md."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    ANALYST = "analyst", _("Analyst")
    CASHIER = "cashier", _("Cashier")


class Staff(models.Model):
    """A person's role in one organization; a cashier may have a PIN and no user."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="staff")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="roles")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role.choices)
    stores = models.ManyToManyField(Store, blank=True, related_name="staff")
    pin_hash = models.CharField(max_length=128, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="staff_code_is_unique"),
            models.UniqueConstraint(
                fields=["organization", "user"],
                name="user_holds_one_role_per_organization",
                condition=Q(user__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="staff_role_is_a_known_role"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def set_pin(self, pin: str) -> None:
        """Keep the PIN as a salted hash."""
        self.pin_hash = make_password(pin)

    def has_pin(self, pin: str) -> bool:
        """Say whether this is the PIN."""
        return check_password(pin, self.pin_hash)


class RegisterSession(models.Model):
    """A staff member at work on a register, from sign-in to sign-out."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="sessions")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="register_sessions")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["register", "ended_at"], name="session_of_register")]

"""The members app."""

from __future__ import annotations

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registers people, cards and consents with Django."""

    name = "members"
    label = "members"

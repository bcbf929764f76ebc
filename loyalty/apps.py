"""The loyalty app."""

from __future__ import annotations

from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    """Registers programs and the points ledger with Django."""

    name = "loyalty"
    label = "loyalty"

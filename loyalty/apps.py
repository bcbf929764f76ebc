"""The loyalty app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    """Registers programs and the points ledger with Django."""

    name = "loyalty"
    label = "loyalty"

    def ready(self) -> None:
        """Connect what listens to enrollments and to rules that begin to act."""
        import_module("loyalty.receivers")

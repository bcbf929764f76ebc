"""The rewards app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Registers the catalog and checkout with Django."""

    name = "rewards"
    label = "rewards"

    def ready(self) -> None:
        """Connect what fulfills the promises of loyalty."""
        import_module("rewards.receivers")

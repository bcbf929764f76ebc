"""The rewards app."""

from __future__ import annotations

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Registers the catalog and checkout with Django."""

    name = "rewards"
    label = "rewards"

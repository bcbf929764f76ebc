"""The core app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the ground floor with Django."""

    name = "core"
    label = "core"

    def ready(self) -> None:
        """Connect what listens to sign-ins, and what looks at settings."""
        import_module("core.receivers")
        import_module("core.checks")

"""The core app."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the ground floor with Django."""

    name = "core"
    label = "core"

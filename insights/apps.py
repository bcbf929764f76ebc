"""The insights app."""

from __future__ import annotations

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Registers figures and the demo with Django."""

    name = "insights"
    label = "insights"

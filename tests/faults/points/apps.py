"""Installs the fault points that the environment names."""

from __future__ import annotations

import os

from django.apps import AppConfig


class FaultPointsConfig(AppConfig):
    """Wraps functions once every app is loaded."""

    name = "tests.faults.points"
    label = "fault_points"

    def ready(self) -> None:
        """Install what ``REGULARS_FAULTS`` lists, separated by commas."""
        from tests.faults.points.install import FAULTS

        for name in filter(None, os.environ.get("REGULARS_FAULTS", "").split(",")):
            FAULTS[name]()

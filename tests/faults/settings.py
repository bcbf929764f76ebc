"""The project's settings with fault points; only child servers of tests are started with it."""

import os

from config.settings import *  # noqa: F403
from config.settings import CELERY_BEAT_SCHEDULE, DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.points"]

# A clock that is there for one task asks for it twenty times as often.
if "REGULARS_FAULT_BEAT" in os.environ:
    CELERY_BEAT_SCHEDULE = {
        name: {**one, "schedule": max(0.5, one["schedule"] / 20)}
        for name, one in CELERY_BEAT_SCHEDULE.items()
        if one["task"] == os.environ["REGULARS_FAULT_BEAT"]
    }
if "REGULARS_NIGHTS_EVERY" in os.environ:
    CELERY_BEAT_SCHEDULE = {
        "nights": {
            "task": "core.run_nights",
            "schedule": float(os.environ["REGULARS_NIGHTS_EVERY"]),
        }
    }
DATABASES["default"]["OPTIONS"]["options"] += os.environ.get("REGULARS_FAULT_OPTIONS", "")
# What a worker took and never acknowledged is handed to another at once.
if "REGULARS_FAULT_REDELIVERY" in os.environ:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": int(os.environ["REGULARS_FAULT_REDELIVERY"]),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }

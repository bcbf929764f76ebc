"""The installation: settings, addresses, and the two ways in, web and worker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]

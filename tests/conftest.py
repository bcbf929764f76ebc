"""Fixtures that tests of every app use."""

from tests.server import live_gunicorn, server_log, shared_server

__all__ = ["live_gunicorn", "server_log", "shared_server"]

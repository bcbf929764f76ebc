"""The project's settings with the probing addresses, for servers that the tests start."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.core.api.urls"

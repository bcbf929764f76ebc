"""The project's settings, on a private database that has to run before they are read."""

from tests.database import start_private_database

start_private_database()

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]

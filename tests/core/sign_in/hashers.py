"""A quick password hasher that counts how often it was asked."""

from django.contrib.auth.hashers import MD5PasswordHasher

asked: list[str] = []


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"

    def encode(self, password, salt):
        asked.append(password)
        return super().encode(password, salt)

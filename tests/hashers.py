"""A password hash that costs tests nothing; servers of the product can check it as any other."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Hashes as the product does, a thousand times less often."""

    iterations = 1000

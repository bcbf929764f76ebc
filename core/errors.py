"""How the platform says no: typed refusals, without a word of HTTP.

Every app derives its own refusals from these in its ``errors.py``; only ``core.api`` knows
which status code belongs to which family.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class Refusal(Exception):
    """A business answer of no: it has a name, data for machines and a sentence for people."""

    code: ClassVar[str] = "refused"
    definitive: ClassVar[bool] = True  # remembered under the request's key, whatever comes later
    field: str | None = None
    sentence: ClassVar[Sentence] = _("This cannot be done.")

    def __init__(
        self,
        message: Sentence | None = None,
        *,
        field: str | None = None,
        **data: Any,
    ) -> None:
        self.message = self.sentence if message is None else message
        self.field = field or type(self).field
        self.data = data
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)

    def as_data(self) -> dict[str, Any]:
        """Return the refusal as plain JSON, to be stored or sent."""
        return {
            "code": self.code,
            "field": self.field,
            "message": str(self.message),
            "data": self.data,
        }


class InvalidInput(Refusal):
    """What was sent cannot be understood or is out of bounds; nothing was tried."""

    code = "invalid"
    definitive = False
    sentence = _("This value is not valid.")


class Missing(Refusal):
    """What was named does not exist for this caller."""

    code = "not_found"
    definitive = False
    sentence = _("Nothing was found.")


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code = "forbidden"
    definitive = False
    sentence = _("You may not do this.")


class TooMany(Refusal):
    """The caller asks too often; ``retry_after`` seconds are in the data."""

    code = "too_many_requests"
    definitive = False
    sentence = _("Too many requests. Please wait a moment.")


class Unavailable(Refusal):
    """The platform cannot answer just now; the same request may be repeated."""

    code = "unavailable"
    definitive = False
    sentence = _("The service is busy. Please try again.")


class IdempotencyKeyReused(Refusal):
    """The same idempotency key came back with other contents."""

    code = "idempotency_key_reused"
    definitive = False
    sentence = _("This idempotency key was used for a different request.")


class IdempotencyKeyRequired(InvalidInput):
    """A call that changes something came without its idempotency key."""

    code = "idempotency_key_required"
    field = "Idempotency-Key"
    sentence = _("Send an Idempotency-Key of 16 to 128 printable ASCII characters.")


class RequestInProgress(Refusal):
    """The first request under this key is still running; ask again in a second."""

    code = "request_in_progress"
    definitive = False
    sentence = _("The same request is still being processed.")


class TextNotAllowed(InvalidInput):
    """Text holds what cannot be stored or shown: NUL, lone surrogates, control characters."""

    code = "text_not_allowed"
    sentence = _("This contains characters that cannot be used here.")


class TextTooLong(InvalidInput):
    """Text is longer than its field; ``limit`` is in the data."""

    code = "text_too_long"
    sentence = _("This is too long.")


class StackedMarks(InvalidInput):
    """More accents sit on one letter than any language writes."""

    code = "stacked_marks"
    sentence = _("There are too many accents on one letter.")


class MixedScripts(InvalidInput):
    """A user name mixes alphabets, which is how one name is made to look like another."""

    code = "mixed_scripts"
    sentence = _("Use letters of one alphabet only.")


class DigitsExpected(InvalidInput):
    """Something other than decimal digits stands where a number is typed."""

    code = "digits_expected"
    sentence = _("Use digits only.")

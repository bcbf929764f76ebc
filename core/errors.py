"""How the platform says no: typed refusals, without a word of HTTP.

Every app derives its own refusals from these in its ``errors.py``; only ``core.api`` knows
which status code belongs to which family.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


class SlugInvalid(InvalidInput):
    """The short name of an organization cannot stand in an address."""

    code = "slug_invalid"
    field = "slug"
    sentence = _("Use 2 to 50 lower-case letters, digits and hyphens.")


class SlugTaken(Refusal):
    """Another organization of this installation has the short name."""

    code = "slug_taken"
    field = "slug"
    sentence = _("This short name is taken.")


class NameMissing(InvalidInput):
    """Something that people must recognize came without a name."""

    code = "name_missing"
    field = "name"
    sentence = _("Enter a name.")


class CurrencyUnknown(InvalidInput):
    """No currency has this code."""

    code = "currency_unknown"
    field = "currency"
    sentence = _("Use a three-letter currency code such as GBP.")


class CountryUnknown(InvalidInput):
    """No country has this code."""

    code = "country_unknown"
    field = "country"
    sentence = _("Use a two-letter country code such as GB.")


class TimeZoneUnknown(InvalidInput):
    """No time zone has this name."""

    code = "time_zone_unknown"
    field = "time_zone"
    sentence = _("Use a time zone name such as Europe/London.")


class LanguageNotOffered(InvalidInput):
    """The platform does not speak this language."""

    code = "language_not_offered"
    field = "language"
    sentence = _("This language is not offered.")


class StoreNeeded(InvalidInput):
    """An organization was to be opened without a place to sell."""

    code = "store_needed"
    field = "stores"
    sentence = _("Name at least one store.")


class StoreCodeUnknown(InvalidInput):
    """The organization has no store of this code."""

    code = "store_code_unknown"
    field = "stores"
    sentence = _("No store has this code.")


class CodeInvalid(InvalidInput):
    """A code of a store, register or staff member cannot be typed or printed."""

    code = "code_invalid"
    sentence = _("Use 1 to 32 letters, digits, dots, hyphens or underscores.")


class CodeTaken(Refusal):
    """Something else beside it has the same code."""

    code = "code_taken"
    sentence = _("This code is taken.")


class RoleUnknown(InvalidInput):
    """Nobody can hold this role."""

    code = "role_unknown"
    field = "role"
    sentence = _("Use owner, manager, analyst or cashier.")


class StaffEmailInvalid(InvalidInput):
    """A staff member cannot sign in with this e-mail address."""

    code = "staff_email_invalid"
    sentence = _("Enter an e-mail address such as ada@example.com.")


class StaffEmailNeeded(InvalidInput):
    """Someone who works in the office came without an e-mail address."""

    code = "staff_email_needed"
    field = "email"
    sentence = _("This role signs in by e-mail: enter an address.")


class AlreadyStaff(Refusal):
    """The person has a role in this organization."""

    code = "already_staff"
    field = "email"
    sentence = _("This person already works here.")


class StaffOutOfReach(Forbidden):
    """Owners and managers are changed by owners alone."""

    code = "staff_out_of_reach"
    sentence = _("Only an owner may do this with owners and managers.")


class OwnRole(Refusal):
    """Nobody changes their own role or ends their own access."""

    code = "own_role"
    field = "role"
    sentence = _("Somebody else has to do this for you.")


class LastOwner(Refusal):
    """Without an owner nobody could ever make one again."""

    code = "last_owner"
    field = "role"
    sentence = _("An organization needs an owner. Make somebody else owner first.")


class StaffInactive(Refusal):
    """Whoever does not work here any more gets neither a PIN nor a link."""

    code = "staff_inactive"
    sentence = _("This person does not work here any more.")


class LinkOutOfReach(Refusal):
    """The person signs in beyond this organization too, where the link would open doors as well."""

    code = "link_out_of_reach"
    sentence = _(
        "This person has an account of their own and signs in with it. Who runs this "
        "installation can make a link for them."
    )


class RegisterRetired(Refusal):
    """The register was taken out of use."""

    code = "register_retired"
    sentence = _("This register is not in use any more.")


class PinInvalid(InvalidInput):
    """A PIN is not six digits."""

    code = "pin_invalid"
    field = "pin"
    sentence = _("A PIN has six digits.")


class PinNotAccepted(Forbidden):
    """No staff member of this register has this code and PIN."""

    code = "pin_not_accepted"
    sentence = _("This name and PIN do not belong together.")


class NotAtThisStore(Forbidden):
    """The staff member works in other stores."""

    code = "not_at_this_store"
    sentence = _("You do not work at this store.")


class TriedTooOften(TooMany):
    """Too many wrong tries; ``retry_after`` seconds are in the data."""

    code = "tried_too_often"
    sentence = _("Too many wrong tries. Please wait a few minutes.")


class PasswordNotAllowed(InvalidInput):
    """The password is too short or too easily guessed."""

    code = "password_not_allowed"
    field = "password"
    sentence = _("Choose another password.")


class LinkNotUsable(Missing):
    """The sign-in link was used, is too old, or never was one."""

    code = "link_not_usable"
    sentence = _("This link was used or is too old. Ask for a new one.")


class IntegrationNameTaken(Refusal):
    """Another shop system of the organization has the name."""

    code = "integration_name_taken"
    field = "name"
    sentence = _("Another integration has this name.")


class ScopeUnknown(InvalidInput):
    """Keys know no such scope, or none was named."""

    code = "scope_unknown"
    field = "scopes"
    sentence = _("Name scopes from the list, or all.")


class TooManyKeys(Refusal):
    """A shop system has two live keys, which is what a rotation needs and no more."""

    code = "too_many_keys"
    sentence = _("Two keys are live already. Revoke one first.")


@contextmanager
def about(field: str) -> Iterator[None]:
    """Name the field that a refusal from a deeper, general check concerns."""
    try:
        yield
    except Refusal as refusal:
        refusal.field = refusal.field or field
        raise

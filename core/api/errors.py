"""Every way in which the HTTP API itself says no, with the status that HTTP gives it."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, InvalidInput


class ProtocolFault(InvalidInput):
    """The request is wrong before anything is asked of the domain."""

    status: ClassVar[int] = 400
    code = "bad_request"
    sentence = _("The request is malformed.")


class UrlMalformed(ProtocolFault):
    """The address or its query holds NUL or is not UTF-8."""

    code = "malformed_url"
    sentence = _("The address contains characters that cannot be used.")


class HeadersMalformed(ProtocolFault):
    """Headers contradict one another or cannot be understood."""

    code = "malformed_headers"
    sentence = _("The headers of this request contradict one another or are malformed.")


class ValidationFailed(ProtocolFault):
    """Several fields are wrong; each is named in ``errors``."""

    code = "validation_error"
    sentence = _("Some fields are not valid.")


class InvalidJSON(ProtocolFault):
    """The body is not JSON in UTF-8."""

    code = "invalid_json"
    sentence = _("The body is not valid JSON in UTF-8.")


class EmptyBody(ProtocolFault):
    """A call that takes a body came without one."""

    code = "empty_body"
    sentence = _("Send a JSON object; {} when there is nothing to say.")


class ObjectExpected(ProtocolFault):
    """The body is JSON, but not an object."""

    code = "object_expected"
    sentence = _("The body must be a JSON object.")


class DuplicateKey(ProtocolFault):
    """An object names the same key twice, and each reader would believe another one."""

    code = "duplicate_key"
    sentence = _("This key appears twice in one object.")


class NestedTooDeep(ProtocolFault):
    """Objects and lists lie inside one another more deeply than any call needs."""

    code = "nested_too_deep"
    sentence = _("The body is nested too deeply.")


class NumberTooLarge(ProtocolFault):
    """A number is longer than any field can hold."""

    code = "number_too_large"
    sentence = _("A number in the body is too large.")


class ControlCharacters(ProtocolFault):
    """Text holds NUL or half a character, which no database can store."""

    code = "control_characters"
    sentence = _("This text contains characters that cannot be stored.")


class ValueOutOfRange(ProtocolFault):
    """The database has no room for a value."""

    code = "value_out_of_range"
    sentence = _("A value is out of range.")


class UnknownParameter(ProtocolFault):
    """The query names a parameter that this call does not take."""

    code = "unknown_parameter"
    sentence = _("This parameter is unknown here.")


class RepeatedParameter(ProtocolFault):
    """The query names a parameter twice, and each reader would believe another one."""

    code = "repeated_parameter"
    sentence = _("This parameter was sent more than once.")


class CursorInvalid(ProtocolFault):
    """The cursor was altered, or belongs to another list."""

    code = "cursor_invalid"
    field = "cursor"
    sentence = _("This cursor does not belong to this list. Start from the first page.")


class CredentialsAmbiguous(ProtocolFault):
    """A key and a session came together, and they may speak for different people."""

    code = "ambiguous_credentials"
    sentence = _("Send the key without cookies.")


class KeyNeeded(ProtocolFault):
    """No key was sent in the ``Authorization`` header."""

    status = 401
    code = "key_needed"
    sentence = _("Send the key as “Authorization: Bearer rg_live_…”.")


class KeyNotAccepted(ProtocolFault):
    """The key is unknown, revoked or past its date; which of these is not told."""

    status = 401
    code = "key_not_accepted"
    sentence = _("This key is not accepted.")


class KeyInAddress(ProtocolFault):
    """A key stood in the address, where others can read it; a real one is revoked at once."""

    status = 401
    code = "key_in_url"
    sentence = _("Keys never belong in an address. If this key was real, it is revoked now.")


class ScopeMissing(Forbidden):
    """The key may not be used for this call; the scope it lacks is in the data."""

    code = "scope_missing"
    sentence = _("This key may not be used for this.")


class TlsRequired(Forbidden):
    """A key crossed the network in clear text."""

    code = "tls_required"
    sentence = _("Use https.")


class MethodNotAllowed(ProtocolFault):
    """The address exists and does not take this method."""

    status = 405
    code = "method_not_allowed"
    sentence = _("This method is not allowed here.")


class LengthRequired(ProtocolFault):
    """Nobody can tell where the body ends."""

    status = 411
    code = "length_required"
    sentence = _("Send a Content-Length.")


class BodyTooLarge(ProtocolFault):
    """The body is larger than any call needs; the limit in bytes is in the data."""

    status = 413
    code = "body_too_large"
    sentence = _("The body is too large.")


class MediaTypeNotSupported(ProtocolFault):
    """The body is something other than plain JSON in UTF-8."""

    status = 415
    code = "unsupported_media_type"
    sentence = _("Send application/json in UTF-8, without a content encoding.")


class InternalFault(ProtocolFault):
    """A mistake of ours; the operator finds it in the log under the request's id."""

    status = 500
    code = "internal_error"
    sentence = _("Something went wrong on our side. The request may be repeated.")

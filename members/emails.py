"""E-mail addresses: stored as typed, compared by a key, canonical only to notice abuse."""

from __future__ import annotations

import re
import unicodedata

from core.errors import about
from core.text import caseless, refuse_controls, refuse_stacked_marks, without_invisibles
from members.errors import EmailInvalid

LENGTH_MAX = 254
KEY_LENGTH_MAX = 320
_RAW_LENGTH_MAX = 1000
_LOCAL_LENGTH_MAX = 64
_LOCAL_REFUSED = re.compile(r"""[\s@<>()\[\]\\,;:"]|^\.|\.$|\.\.|^$""")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}")
_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})


@about("email")
def clean_email(raw: str) -> str:
    """Return the address as it is stored: as typed, in NFC, without invisible characters."""
    if len(raw) > _RAW_LENGTH_MAX:
        raise EmailInvalid
    trimmed = raw.strip()
    refuse_controls(trimmed)
    refuse_stacked_marks(trimmed)
    email = unicodedata.normalize("NFC", without_invisibles(trimmed))
    if len(email) > LENGTH_MAX:
        raise EmailInvalid
    local, _, domain = email.rpartition("@")
    _refuse_bad_local_part(local)
    _ascii_domain(domain)
    return email


def email_key(email: str) -> str:
    """Return what two spellings of one address share: caseless name, ASCII (IDNA) domain.

    Letters that only look alike stay different: a Cyrillic a is somebody else's mailbox.
    """
    local, _, domain = email.rpartition("@")
    return f"{caseless(local)}@{_ascii_domain(domain)}"


def canonical_email(email: str) -> str:
    """Return the mailbox behind tags and dots: a signal of abuse, never an identity."""
    local, _, domain = email_key(email).rpartition("@")
    mailbox = local.partition("+")[0]
    if domain in _DOTS_DO_NOT_COUNT:
        return f"{mailbox.replace('.', '')}@gmail.com"
    return f"{mailbox}@{domain}"


def _refuse_bad_local_part(local: str) -> None:
    """Refuse what cannot stand before the @, also where only its caseless form shows it."""
    folded = caseless(local)
    too_long = len(local) > _LOCAL_LENGTH_MAX or len(folded) > _LOCAL_LENGTH_MAX
    if too_long or _LOCAL_REFUSED.search(local) or _LOCAL_REFUSED.search(folded):
        raise EmailInvalid


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = domain.casefold().encode("idna").decode("ascii")
    except UnicodeError:
        raise EmailInvalid from None
    if len(ascii_domain) > LENGTH_MAX - 1 or not _DOMAIN.fullmatch(ascii_domain):
        raise EmailInvalid
    return ascii_domain

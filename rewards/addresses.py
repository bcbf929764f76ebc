"""Postal addresses: in one spelling, and complete enough that a parcel arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from core.errors import InvalidInput
from core.services.organizations import known_country
from core.text import clean_line
from members.phones import e164
from rewards.delivery_errors import AddressIncomplete

NAME_LENGTH_MAX = 120
LINE_LENGTH_MAX = 160
POSTAL_CODE_LENGTH_MAX = 20
CITY_LENGTH_MAX = 100
COUNTRY_LENGTH = 2
PHONE_LENGTH_MAX = 32
NOTE_LENGTH_MAX = 300
CARRIER_LENGTH_MAX = 60
TRACKING_LENGTH_MAX = 100

LENGTHS = {
    "name": NAME_LENGTH_MAX,
    "line1": LINE_LENGTH_MAX,
    "line2": LINE_LENGTH_MAX,
    "postal_code": POSTAL_CODE_LENGTH_MAX,
    "city": CITY_LENGTH_MAX,
    "region": CITY_LENGTH_MAX,
    "country": COUNTRY_LENGTH,
    "phone": PHONE_LENGTH_MAX,
}
NEEDED = ("name", "line1", "city", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel goes; the country in two capitals, the phone for the courier in E.164."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is known of it."""
        return not any(asdict(self).values())

    @property
    def lines(self) -> list[str]:
        """Return it as it stands on a parcel, without the phone."""
        place = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = [self.name, self.line1, self.line2, place, self.region, self.country]
        return [part for part in parts if part]


def read_address(told: Mapping[str, str]) -> Address:
    """Return an address in one spelling.

    Raises ``AddressIncomplete``, ``CountryUnknown``, a refusal of text that is too long or cannot
    be shown, or of a phone number that is none; the field is ``address.city`` and the like.
    """
    parts = {name: _part(name, told.get(name, "")) for name in LENGTHS}
    for name in NEEDED:
        if not parts[name]:
            raise AddressIncomplete(field=f"address.{name}")
    country = _country(parts["country"])
    phone = parts["phone"] and _phone(parts["phone"], country)
    return Address(**{**parts, "country": country, "phone": phone})


def _part(name: str, text: str) -> str:
    with _at(name):
        return clean_line(text, max_length=LENGTHS[name])


def _country(text: str) -> str:
    with _at("country"):
        return known_country(text.upper())


def _phone(text: str, country: str) -> str:
    with _at("phone"):
        return e164(text, region=country)


@contextmanager
def _at(name: str) -> Iterator[None]:
    """Say of what is wrong that it stands in this part of the address."""
    try:
        yield
    except InvalidInput as refusal:
        refusal.field = f"address.{name}"
        raise

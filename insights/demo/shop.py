"""The demo shop: its places, its staff, and the passwords that are printed for it alone."""

from __future__ import annotations

from dataclasses import dataclass

SLUG = "bean-and-leaf"
NAME = "Bean & Leaf Market"
CURRENCY, COUNTRY, TIME_ZONE, LANGUAGE = "USD", "US", "America/New_York", "en"
STORES = (
    ("main", "Main Street"),
    ("station", "Station Square"),
    ("market", "Market Hall"),
    ("riverside", "Riverside"),
)
SECOND_REGISTERS = ("main", "station")
SEED = 1844
HOUSEHOLDS = 400
PASSWORD = "tea-before-coffee-26"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the staff; with a PIN at the till, with an address in the office."""

    name: str
    role: str
    email: str = ""
    pin: str = ""
    stores: tuple[str, ...] = ()


OWNER = Worker("Ada Whitlock", "owner", "ada@beanandleaf.example")
STAFF = (
    Worker("Ben Okafor", "manager", "ben@beanandleaf.example"),
    Worker("Chloe Marsh", "analyst", "chloe@beanandleaf.example"),
    Worker("Sam", "cashier", pin="284615", stores=("main",)),
    Worker("Mina", "cashier", pin="593027", stores=("station",)),
    Worker("Leo", "cashier", pin="716408", stores=("market", "riverside")),
)

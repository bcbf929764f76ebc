"""What a reward can be, and the data that each kind needs: typed, and closed to everything else."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import InitErrorDetails

from loyalty.earning.vocabulary.parts import Exact, Label, Part, fault
from loyalty.program_document import Code

AMOUNT_MAX = 1_000_000
TICKETS_MAX = 1_000
OPTIONS_MIN, OPTIONS_MAX = 2, 20
LINK_LENGTH_MAX = 500
COLUMN = "amount"  # has a column of its own, beside the other details


def _https(link: str) -> str:
    """Accept a link that a browser opens safely: https, a host, and no room for anything else."""
    parts = urlsplit(link) if link.isprintable() and " " not in link else urlsplit("")
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or "\\" in link:
        raise fault("link_not_https", _("Write a link that begins with https://."))
    return link


def _link_or_code(code: str | None, info: ValidationInfo) -> str | None:
    if code is None and info.data.get("link", "") is None:
        raise fault("required", _("Give a link, a code, or both."))
    return code


def _distinct(options: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(options)) < len(options):
        raise fault("option_twice", _("Name each choice once."))
    return options


Money = Annotated[Exact, Field(gt=0, le=AMOUNT_MAX)]
Link = Annotated[str, Field(max_length=LINK_LENGTH_MAX), AfterValidator(_https)]
Options = Annotated[
    tuple[Code, ...],
    Field(min_length=OPTIONS_MIN, max_length=OPTIONS_MAX),
    AfterValidator(_distinct),
]


class _Product(Part):
    """Which product is meant, for the till and the checkout; without both, what the name says."""

    product_sku: Label | None = None
    product_category: Label | None = None


class _FromMinimum(Part):
    """``minimum`` is what the purchase has to come to, in the organization's currency."""

    minimum: Money | None = None


class PercentOff(_FromMinimum):
    """So much of the price is taken off."""

    type: Literal["percent_off"] = "percent_off"
    percent: Annotated[Exact, Field(gt=0, le=100)]


class AmountOff(_FromMinimum):
    """So much money is taken off."""

    type: Literal["amount_off"] = "amount_off"
    amount: Money


class FreeProduct(_Product):
    """A product for nothing."""

    type: Literal["free_product"] = "free_product"


class ProductWithPurchase(_Product, _FromMinimum):
    """A product for nothing, for who buys something else."""

    type: Literal["product_with_purchase"] = "product_with_purchase"


class FreeShipping(_FromMinimum):
    """Shipping costs nothing."""

    type: Literal["free_shipping"] = "free_shipping"


class GiftCard(Part):
    """So much credit on a gift card."""

    type: Literal["gift_card"] = "gift_card"
    amount: Money


class Experience(Part):
    """Something to take part in."""

    type: Literal["experience"] = "experience"


class Donation(Part):
    """A gift to a good cause, or miles of a partner; ``gives`` says how much, in words."""

    type: Literal["donation"] = "donation"
    partner: Label
    gives: Label | None = None


class DrawTicket(Part):
    """Tickets of the prize draw with this code."""

    type: Literal["draw_ticket"] = "draw_ticket"
    draw: Code
    tickets: Annotated[int, Field(strict=True, ge=1, le=TICKETS_MAX)] = 1


class Exclusive(_Product):
    """A product that only members get."""

    type: Literal["exclusive"] = "exclusive"


class Access(Part):
    """A closed resource: its link and code are shown to whoever holds the reward alone."""

    type: Literal["access"] = "access"
    link: Link | None = None
    access_code: Annotated[
        Label | None, AfterValidator(_link_or_code), Field(validate_default=True)
    ] = None


class ChooseOne(Part):
    """One of several other rewards of the program, given by their codes, in that order."""

    type: Literal["choose_one"] = "choose_one"
    options: Options


AnyKind = (
    PercentOff
    | AmountOff
    | FreeProduct
    | ProductWithPurchase
    | FreeShipping
    | GiftCard
    | Experience
    | Donation
    | DrawTicket
    | Exclusive
    | Access
    | ChooseOne
)
KINDS: dict[str, type[Part]] = {
    "percent_off": PercentOff,
    "amount_off": AmountOff,
    "free_product": FreeProduct,
    "product_with_purchase": ProductWithPurchase,
    "free_shipping": FreeShipping,
    "gift_card": GiftCard,
    "experience": Experience,
    "donation": Donation,
    "draw_ticket": DrawTicket,
    "exclusive": Exclusive,
    "access": Access,
    "choose_one": ChooseOne,
}
DETAILS = tuple(
    dict.fromkeys(name for kind in KINDS.values() for name in kind.model_fields if name != "type")
)
NEEDED = {
    "amount": _("Say how much is taken off."),
    "gift_card.amount": _("Say how much credit it gives."),
    "percent": _("Say how many percent are taken off."),
    "partner": _("Say who gets it."),
    "draw": _("Name the prize draw."),
    "options": _("Name what there is to choose from."),
}
_ANY: TypeAdapter[AnyKind] = TypeAdapter(Annotated[AnyKind, Discriminator("type")])


def parse_kind(data: object) -> AnyKind:
    """Return what a reward is, out of the database."""
    return _ANY.validate_python(data)


def read_kind(kind: str, told: Mapping[str, Any]) -> AnyKind:
    """Return what a reward is to be, of all that was told about it.

    Raises pydantic's ``ValidationError``, which names each field that is missing or not used.
    """
    known = KINDS[kind].model_fields
    given = {name: value for name, value in told.items() if value not in (None, "", (), [])}
    faults = [_fault_at(name, _not_used(name)) for name in given if name not in known]
    faults += [
        _fault_at(name, fault("required", NEEDED.get(f"{kind}.{name}", NEEDED[name])))
        for name, field in known.items()
        if field.is_required() and name not in given
    ]
    if faults:
        raise ValidationError.from_exception_data(kind, faults)
    made: Any = KINDS[kind].model_validate({"type": kind, **given})
    return made  # type: ignore[no-any-return]


def dump_kind(kind: AnyKind) -> dict[str, Any]:
    """Return what a reward is as plain JSON, the same for every spelling of the same."""
    return kind.model_dump(mode="json", exclude_none=True)


def details_of(kind: AnyKind) -> dict[str, Any]:
    """Return what of it has no column of its own, as plain JSON."""
    return {name: value for name, value in dump_kind(kind).items() if name not in ("type", COLUMN)}


def open_details(kind: AnyKind) -> dict[str, Any]:
    """Return of the details what everybody may read: nothing that opens anything."""
    closed = {"link", "access_code", "options"}
    return {name: value for name, value in details_of(kind).items() if name not in closed}


def amount_of(kind: AnyKind) -> Decimal | None:
    """Return the money it is about, if it is about money."""
    return kind.amount if isinstance(kind, AmountOff | GiftCard) else None


def _not_used(name: str) -> Any:
    code = "amount_not_used" if name == COLUMN else "not_used"
    return fault(code, _("This kind of reward has no use for it."))


def _fault_at(name: str, error: Any) -> InitErrorDetails:
    return InitErrorDetails(type=error, loc=(name,), input=None)

"""Every way in which a parcel or something put aside cannot go where it should."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class NothingToDeliver(InvalidInput):
    """It was said where to a reward goes that is handed over at the till."""

    code = "nothing_to_deliver"
    field = "delivery"
    sentence = _("This reward is handed over at the till: it is neither sent nor put aside.")


class DeliveryTooEarly(InvalidInput):
    """It was said where to a reward goes that is only set aside."""

    code = "delivery_too_early"
    field = "delivery"
    sentence = _("Say where it goes once the member has the reward.")


class AddressNeeded(InvalidInput):
    """The reward is sent, and no address was given, or a store instead."""

    code = "address_needed"
    field = "address"
    sentence = _("This reward is sent: say to which address.")


class PickupStoreNeeded(InvalidInput):
    """The reward is picked up, and no store was named, or an address instead."""

    code = "pickup_store_needed"
    field = "store"
    sentence = _("This reward is picked up: say in which store.")


class NotPickedUpThere(Refusal):
    """The reward is picked up in other stores, or there is no such store."""

    code = "not_picked_up_there"
    field = "store"
    sentence = _("This reward cannot be picked up in this store.")


class AddressIncomplete(InvalidInput):
    """A part of the address is missing without which nothing arrives; the field says which."""

    code = "required"
    sentence = _("Without this the parcel does not arrive.")


class PlaceSettled(Refusal):
    """It is packed, sent, handed over or canceled; ``status`` is in the data."""

    code = "place_settled"
    field = "delivery"
    sentence = _("Where it goes can no longer be changed.")


class WhereNotSaid(Refusal):
    """The member has not said where it should go."""

    code = "where_not_said"
    field = "status"
    sentence = _("The member has not said yet where it goes.")


class NotReadyYet(Refusal):
    """It was neither packed nor put aside."""

    code = "not_ready_yet"
    field = "status"
    sentence = _("First pack it, or put it aside.")


class FulfillmentEnded(Refusal):
    """It was sent, handed over or canceled already; ``status`` is in the data."""

    code = "fulfillment_ended"
    field = "status"
    sentence = _("This was sent, handed over or canceled already.")


class StepBackNotPossible(Refusal):
    """There is no step to take back, or it was taken too long ago."""

    code = "step_back_not_possible"
    field = "status"
    sentence = _("This step cannot be taken back any more.")


class FulfillmentDone(Refusal):
    """What was sent or handed over is not undone at a desk."""

    code = "fulfillment_done"
    sentence = _("This was sent or handed over already. First take that step back.")


class VoucherShipped(Refusal):
    """What the voucher is for is sent to the member."""

    code = "voucher_shipped"
    field = "code"
    sentence = _("This reward is sent to the member: nothing is handed over here.")


class ReadyInOtherStore(Refusal):
    """What the voucher is for lies ready in another store, whose code is ``store``."""

    code = "ready_in_other_store"
    field = "code"
    sentence = _("This reward lies ready in another store.")


class TooManyAtOnce(InvalidInput):
    """More were to be moved on than one request takes; ``limit`` is in the data."""

    code = "too_many_rows"
    sentence = _("These are too many at once.")

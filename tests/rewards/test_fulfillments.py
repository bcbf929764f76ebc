"""Rewards that are sent or picked up: where to, packed, sent or handed over, exactly once."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.actors import SYSTEM, member_actor
from core.models import AuditRecord, OutboxEvent, Store
from rewards.addresses import Address
from rewards.models import Fulfillment, Reward, Voucher
from rewards.services.fulfillments import (
    KEPT_FOR,
    ROWS_MAX,
    Parcel,
    Where,
    advance,
    correct_parcel,
    forget_old_addresses,
    say_where,
)
from rewards.services.redemptions import cancel_redemption, capture_redemption
from rewards.services.vouchers import expire_vouchers, release_use
from rewards.tasks import forget_old_addresses as forget_task
from tests.deliveries import (
    HOME,
    back,
    done,
    hand_out,
    move,
    placed,
    ready,
    refusal_of,
    refused,
    say,
    stands,
    taken,
)
from tests.rewards.test_granted import comes_back, promise
from tests.shelves import give_back, take


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


@pytest.fixture
def other_store(shop):
    return Store.objects.create(organization=shop.organization, code="2", name="Two")


def told():
    """Return what was told of fulfillments, in order."""
    kinds = OutboxEvent.objects.filter(kind__startswith="fulfillment.").order_by("pk")
    return [kind.removeprefix("fulfillment.") for kind in kinds.values_list("kind", flat=True)]


@pytest.mark.proves("INV-F1")
@pytest.mark.parametrize("delivery", ["shipping", "pickup"])
def test_taking_what_is_delivered_asks_the_member_where_to(shop, member, delivery):
    found = taken(shop, member, delivery)

    assert stands(found) == ("waiting", "issued", "issued")
    assert (found.method, found.redemption.delivery) == (delivery, delivery)
    assert told() == ["waiting"]


def test_what_is_had_at_the_till_has_no_fulfillment(shop, member):
    take(member, shop.reward(10))

    assert (list(Fulfillment.objects.all()), told()) == ([], [])


def test_what_is_only_set_aside_has_none_until_it_is_captured(shop, member):
    held = take(member, shop.reward(10, delivery="shipping"), hold_seconds=60)
    before = Fulfillment.objects.count()
    had = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="capture")

    assert (before, stands(had)) == (0, ("waiting", "issued", "issued"))


def test_a_reward_changed_later_is_had_as_it_was_taken(shop, member):
    held = take(member, shop.reward(10, delivery="pickup"), hold_seconds=60)
    Reward.objects.update(delivery="shipping")
    had = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="capture")

    assert Fulfillment.objects.get(redemption=had).method == "pickup"


def test_of_a_choice_the_chosen_is_delivered(shop, member):
    mug = shop.reward(10, delivery="shipping")
    both = shop.reward(20, kind="choose_one", details={"options": [mug.code, shop.reward(5).code]})
    had = take(member, both, choice=mug.public_id)

    assert stands(had) == ("waiting", "issued", "issued")


def test_what_was_granted_is_delivered_too_and_taken_back_with_its_grant(shop, member):
    shop.add_rule(promise(shop.reward(10, delivery="shipping"), 2))
    bought = shop.buys(member, "12.00")
    first, second = Fulfillment.objects.order_by("pk")
    say(first, shop)
    move(say(second, shop), "ready", "done")
    comes_back(bought)

    assert stands(first) == ("canceled", "canceled", "canceled")
    assert stands(second) == ("done", "used", "issued")
    assert told() == ["waiting", "waiting", "open", "open", "ready", "done", "canceled"]


@pytest.mark.parametrize("kind", ["percent_off", "donation", "gift_card"])
def test_only_things_are_delivered(shop, kind):
    details = {"percent_off": {"percent": "10"}, "donation": {"partner": "Shelter"}}
    amount = "5" if kind == "gift_card" else None

    with pytest.raises(IntegrityError, match="only_things_are_delivered"), transaction.atomic():
        shop.reward(10, kind=kind, amount=amount, details=details.get(kind, {}), delivery="pickup")

    assert Reward.objects.count() == 0


def test_once_the_member_said_where_the_voucher_has_no_last_day(shop, member):
    found = taken(shop, member, valid_days=7)
    before = found.redemption.voucher.valid_until
    say_where(
        fulfillment_id=found.pk,
        where=Where(address=HOME, note="Ring  twice"),
        actor=member_actor(member.pk),
    )

    found.refresh_from_db()
    assert before is not None
    assert Voucher.objects.get().valid_until is None
    assert (found.status, found.address, found.note) == ("open", HOME, "Ring twice")
    assert found.opened_by == f"member:{member.pk}"
    assert told() == ["waiting", "open"]
    record = AuditRecord.objects.get(subject="rewards.fulfillment")
    assert (record.verb, "city" in record.fields, "London" in str(record.fields)) == (
        "placed",
        True,
        False,
    )


def test_saying_the_same_again_changes_nothing(shop, member):
    found = placed(shop, member)
    again = say(found, shop)

    assert (again.status, told()) == ("open", ["waiting", "open"])
    assert AuditRecord.objects.filter(subject="rewards.fulfillment").count() == 1


def test_where_to_may_be_changed_until_it_is_packed(shop, member):
    found = placed(shop, member)
    moved = Address(name="Mina K", line1="2 Low Street", city="Leeds", country="gb")
    say(found, shop, address=moved)
    move(found, "ready")
    too_late = refusal_of(partial(say, found, shop))

    found.refresh_from_db()
    assert (found.line1, found.city, found.country, found.postal_code) == (
        "2 Low Street",
        "Leeds",
        "GB",
        "",
    )
    assert too_late == ("place_settled", "delivery")
    assert told() == ["waiting", "open", "changed", "ready"]


@pytest.mark.parametrize(
    ("why", "delivery", "where", "told_so"),
    [
        ("no address", "shipping", {}, ("address_needed", "address")),
        ("no store", "pickup", {}, ("pickup_store_needed", "store")),
        ("an address", "pickup", {"address": HOME}, ("pickup_store_needed", "store")),
        ("no such store", "pickup", {"store_id": 0}, ("not_picked_up_there", "store")),
        ("a long note", "pickup", {"store_id": 1, "note": "x" * 301}, ("text_too_long", "note")),
        ("no city", "shipping", {"city": " "}, ("required", "address.city")),
        ("no country", "shipping", {"country": ""}, ("required", "address.country")),
        ("no such country", "shipping", {"country": "ZZ"}, ("country_unknown", "address.country")),
        ("three letters", "shipping", {"country": "GBR"}, ("text_too_long", "address.country")),
        ("no phone", "shipping", {"phone": "12"}, ("phone_invalid", "address.phone")),
        ("too long", "shipping", {"line1": "x" * 161}, ("text_too_long", "address.line1")),
        ("controls", "shipping", {"name": "M\x00"}, ("text_not_allowed", "address.name")),
    ],
)
def test_what_no_parcel_reaches_is_refused_by_its_field(
    shop, member, why, delivery, where, told_so
):
    found = taken(shop, member, delivery)
    parts = {name: value for name, value in where.items() if name in HOME.__slots__}
    if parts:
        whole = {name: getattr(HOME, name) for name in HOME.__slots__}
        where = {"address": Address(**whole | parts)}

    saying = partial(say_where, fulfillment_id=found.pk, where=Where(**where), actor=SYSTEM)

    assert refusal_of(saying) == told_so
    assert stands(found) == ("waiting", "issued", "issued")


def test_a_phone_for_the_courier_is_kept_in_one_spelling(shop, member):
    found = taken(shop, member)
    whole = {name: getattr(HOME, name) for name in HOME.__slots__}
    say(found, shop, address=Address(**whole | {"phone": "۰7400 123456"}))

    assert Fulfillment.objects.get().phone == "+447400123456"


def test_a_reward_of_some_stores_is_picked_up_in_those(shop, member, other_store):
    elsewhere = Store.objects.create(
        organization=type(shop.organization).objects.create(
            name="B", slug="b", currency="GBP", country="GB", time_zone="Europe/London"
        ),
        code="2",
        name="Theirs",
    )
    found = taken(shop, member, "pickup", stores=["2"])

    assert refusal_of(partial(say, found, shop, store_id=shop.store.pk))[0] == "not_picked_up_there"
    assert refusal_of(partial(say, found, shop, store_id=elsewhere.pk))[0] == "not_picked_up_there"
    assert say(found, shop, store_id=other_store.pk).store == other_store


def test_a_parcel_is_packed_then_sent_and_its_voucher_is_used(shop, member):
    found = placed(shop, member)
    packed = move(found, "ready")
    sent = move(found, "done", parcels={found.pk: Parcel(carrier=" Post ", tracking="AB 1")})

    assert (packed.is_moved, sent.is_moved) == (True, True)
    assert stands(found) == ("done", "used", "issued")
    assert (sent.fulfillment.carrier, sent.fulfillment.tracking) == ("Post", "AB 1")
    assert told() == ["waiting", "open", "ready", "done"]
    verbs = AuditRecord.objects.filter(subject="rewards.fulfillment").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["placed", "made_ready", "made_done"]


@pytest.mark.parametrize(
    ("why", "made", "to", "code"),
    [
        ("where to is not said", taken, "ready", "where_not_said"),
        ("nor sent before", taken, "done", "where_not_said"),
        ("not packed", placed, "done", "not_ready_yet"),
        ("sent already", done, "ready", "fulfillment_ended"),
    ],
)
def test_no_step_is_left_out(shop, member, why, made, to, code):
    found = made(shop, member)
    before = stands(found)

    assert refused(move(found, to)) == code
    assert stands(found) == before


def test_a_step_taken_twice_is_taken_once(shop, member):
    found = placed(shop, member)
    steps = [move(found, to) for to in ("ready", "ready", "done", "done")]

    assert [(step.is_moved, refused(step)) for step in steps] == [
        (True, ""),
        (False, ""),
        (True, ""),
        (False, ""),
    ]
    assert told() == ["waiting", "open", "ready", "done"]


def test_of_many_each_is_answered_for_itself(shop, member):
    waiting, first, second = taken(shop, member), placed(shop, member), placed(shop, member)
    steps = advance(
        fulfillment_ids=[second.pk, waiting.pk, first.pk, second.pk],
        to=Fulfillment.Status.READY,
        actor=SYSTEM,
        request_key="many",
    )

    assert [step.fulfillment for step in steps] == [second, waiting, first]
    assert [refused(step) for step in steps] == ["", "where_not_said", ""]
    assert [stands(one)[0] for one in (waiting, first, second)] == ["waiting", "ready", "ready"]


@pytest.mark.proves("P7")
def test_many_at_once_have_a_limit(shop, member):
    call = partial(
        advance, to=Fulfillment.Status.READY, actor=SYSTEM, request_key="many", parcels={}
    )

    assert refusal_of(partial(call, fulfillment_ids=range(ROWS_MAX + 1)))[0] == "too_many_rows"
    assert refusal_of(partial(call, fulfillment_ids=range(ROWS_MAX)))[0] == "not_found"


def test_a_tracking_number_that_is_too_long_is_refused_and_nothing_is_sent(shop, member):
    found = ready(shop, member)
    step = move(found, "done", parcels={found.pk: Parcel(tracking="x" * 101)})

    assert (refused(step), step.refusal.field) == ("text_too_long", "tracking")
    assert stands(found) == ("ready", "issued", "issued")


def test_the_tracking_number_may_come_later(shop, member):
    early, found = ready(shop, member), done(shop, member)
    parcel = Parcel(carrier="Post", tracking="AB1")
    correct = partial(correct_parcel, parcel=parcel, actor=SYSTEM)

    assert correct(fulfillment_id=found.pk).tracking == "AB1"
    assert refusal_of(partial(correct, fulfillment_id=early.pk))[0] == "not_ready_yet"
    picked_up = done(shop, member, "pickup")
    assert refusal_of(partial(correct, fulfillment_id=picked_up.pk))[0] == "fulfillment_ended"


@pytest.mark.proves("INV-F2")
@pytest.mark.parametrize("made", [taken, placed, ready])
def test_the_till_hands_out_what_is_picked_up_and_that_is_all(shop, member, made):
    found = made(shop, member, "pickup")
    hand_out(found, shop.store.pk)
    again = refusal_of(partial(hand_out, found, shop.store.pk))

    assert stands(found) == ("done", "used", "issued")
    assert again[0] == "voucher_used"
    assert not move(found, "done").is_moved
    assert Voucher.objects.get().uses == 1


def test_what_the_office_handed_over_the_till_does_not_again(shop, member):
    found = done(shop, member, "pickup")

    assert refusal_of(partial(hand_out, found, shop.store.pk))[0] == "voucher_used"
    assert found.redemption.voucher.used_in == shop.store


@pytest.mark.parametrize("made", [taken, placed, ready])
def test_what_is_sent_is_handed_over_at_no_till(shop, member, made):
    found = made(shop, member)
    before = stands(found)

    assert refusal_of(partial(hand_out, found, shop.store.pk)) == ("voucher_shipped", "code")
    assert stands(found) == before


def test_what_lies_ready_is_handed_out_where_it_lies(shop, member, other_store):
    found, still_open = ready(shop, member, "pickup"), placed(shop, member, "pickup")
    code = refusal_of(partial(hand_out, found, other_store.pk))[0]
    hand_out(still_open, other_store.pk)

    assert (code, stands(found)[0]) == ("ready_in_other_store", "ready")
    assert stands(still_open)[0] == "done"
    still_open.refresh_from_db()
    assert (still_open.store, still_open.redemption.voucher.used_in) == (shop.store, other_store)


def test_what_was_agreed_on_is_handed_out_though_the_reward_moved_on(shop, member, other_store):
    found = ready(shop, member, "pickup")
    Reward.objects.update(stores=["2"])

    assert move(found, "done").is_moved


@pytest.mark.parametrize(
    ("why", "made", "method", "then"),
    [
        ("packed too early", ready, "shipping", ("open", "issued", "issued")),
        ("not sent after all", done, "shipping", ("ready", "issued", "issued")),
        ("not fetched after all", done, "pickup", ("ready", "issued", "issued")),
    ],
)
def test_the_last_step_is_taken_back(shop, member, why, made, method, then):
    found = made(shop, member, method)
    back(found)

    assert stands(found) == then
    move(found, "ready")
    move(found, "done")
    assert stands(found) == ("done", "used", "issued")


def test_what_was_sent_is_taken_back_for_a_day(shop, member):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        found = done(shop, member)
        clock.shift(timedelta(days=1, seconds=1))
        too_late = refusal_of(partial(back, found))[0]
        clock.shift(timedelta(seconds=-1))
        back(found)

    assert (too_late, stands(found)) == ("step_back_not_possible", ("ready", "issued", "issued"))


@pytest.mark.parametrize("made", [taken, placed])
def test_where_no_step_was_taken_none_is_taken_back(shop, member, made):
    found = made(shop, member)

    assert refusal_of(partial(back, found))[0] == "step_back_not_possible"


@pytest.mark.parametrize(("made", "then"), [(taken, "waiting"), (placed, "open"), (ready, "ready")])
def test_a_use_at_the_till_that_is_let_go_of_leads_back_to_where_it_was(shop, member, made, then):
    found = made(shop, member, "pickup")
    voucher = hand_out(found, shop.store.pk)
    release_use(use_id=voucher.last_use.pk, actor=SYSTEM)

    assert stands(found) == (then, "issued", "issued")


@pytest.mark.parametrize(("made", "unpack"), [(taken, False), (placed, False), (ready, True)])
def test_undoing_the_redemption_cancels_it_and_says_what_to_unpack(shop, member, made, unpack):
    found = made(shop, member)
    points = shop.balance(member)
    give_back(found.redemption)

    assert stands(found) == ("canceled", "canceled", "canceled")
    assert shop.balance(member) == points + 10
    found.refresh_from_db()
    assert found.is_to_unpack is unpack
    assert refused(move(found, "done")) == "fulfillment_ended"
    assert refusal_of(partial(say, found, shop))[0] == "place_settled"


@pytest.mark.parametrize("method", ["shipping", "pickup"])
def test_what_was_sent_or_handed_over_is_not_undone(shop, member, method):
    found = done(shop, member, method)
    points = shop.balance(member)

    assert refusal_of(partial(give_back, found.redemption))[0] == "fulfillment_done"
    assert (stands(found), shop.balance(member)) == (("done", "used", "issued"), points)


def test_what_came_back_over_the_counter_is_undone(shop, member):
    found = done(shop, member, "pickup")
    cancel_redemption(
        redemption_id=found.redemption_id,
        reason="back",
        actor=SYSTEM,
        request_key="back",
        also_used=True,
    )

    found.refresh_from_db()
    assert stands(found) == ("canceled", "canceled", "canceled")
    assert (found.is_to_unpack, found.done_at is not None) == (False, True)


def test_what_is_waited_for_does_not_lapse_because_the_shop_is_slow(shop, member):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        silent, asked = taken(shop, member, valid_days=7), placed(shop, member, valid_days=7)
        packed = ready(shop, member, "pickup", valid_days=7)
        clock.shift(timedelta(days=60))
        too_late = refusal_of(partial(say, silent, shop))[0]
        expired = expire_vouchers()
        move(packed, "done")

    assert (too_late, expired) == ("voucher_expired", 1)
    assert stands(silent) == ("canceled", "expired", "issued")
    assert stands(asked) == ("open", "issued", "issued")
    assert stands(packed) == ("done", "used", "issued")


def test_addresses_are_forgotten_thirty_days_after_the_end(shop, member):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        sent, on_its_way = done(shop, member), ready(shop, member)
        gone = placed(shop, member)
        give_back(gone.redemption)
        clock.shift(KEPT_FOR - timedelta(seconds=1))
        too_early = forget_old_addresses()
        clock.shift(timedelta(seconds=1))
        forgotten = forget_old_addresses()
        again = forget_old_addresses()
        use = sent.redemption.voucher.all_uses.get()
        unsent = refusal_of(partial(release_use, use_id=use.pk, actor=SYSTEM))[0]

    for found in (sent, on_its_way, gone):
        found.refresh_from_db()
    assert (too_early, forgotten, again) == (0, 2, 0)
    assert [one.address.is_empty for one in (sent, on_its_way, gone)] == [True, False, True]
    assert unsent == "step_back_not_possible"
    assert stands(sent) == ("done", "used", "issued")


def test_the_worker_forgets_addresses(shop, member):
    found = done(shop, member)
    Fulfillment.objects.update(done_at=timezone.now() - KEPT_FOR)
    forget_task()

    found.refresh_from_db()
    assert found.forgotten_at is not None


def test_no_event_says_where_a_member_lives(shop, member):
    found = placed(shop, member)
    move(found, "ready", "done")
    give_back(placed(shop, member).redemption)

    events = OutboxEvent.objects.filter(kind__startswith="fulfillment.")
    assert {key for event in events for key in event.payload} == {
        "fulfillment",
        "redemption",
        "method",
        "store",
        "was",
    }

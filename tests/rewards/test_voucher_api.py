"""Shop systems ask what a code is good for, use it, and let go of it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord, FailureCount, OutboxEvent
from loyalty.models import Entry, Purchase
from rewards.models import Voucher, VoucherUse
from rewards.services.redemptions import redeem
from rewards.services.shared_codes import cancel_shared_code, pause_shared_code
from rewards.services.voucher_batches import stop_batch
from rewards.voucher_codes import check, grouped, make
from tests.shops import open_shop
from tests.vouchers import batch_of, codes_of, shared_code, use


@pytest.fixture
def five_off(shop):
    return shop.reward(40, name="Five off", kind="amount_off", amount=5)


@pytest.fixture
def paper(shop, five_off):
    """A printed voucher for five pounds off, until the end of March."""
    batch = batch_of(shop, 1, reward=five_off, valid_until=date(2027, 3, 31))
    return codes_of(batch)[0]


def asked(api, call, code, **sent):
    return api("POST", f"vouchers/{call}/", {"code": code, **sent})


def held_by(shop, member):
    shop.buys(member, "100.00")
    return redeem(
        reward_id=shop.reward(40).pk, member_id=member.pk, actor=SYSTEM, request_key="take"
    ).voucher


def stored():
    models = (Voucher, VoucherUse, AuditRecord, OutboxEvent, Entry, FailureCount)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_code_is_told_what_it_is_good_for_and_nothing_changes(api, five_off, paper):
    before = stored()

    answer = asked(api, "check", grouped(paper.code).lower())

    assert answer.status_code == 200
    assert answer.json() == {
        "code": grouped(paper.code),
        "status": "issued",
        "reward": str(five_off.public_id),
        "value": "5.00",
        "valid_until": "2027-03-31T23:00:00Z",
    }
    assert stored() == before


def test_a_check_needs_no_key_and_using_does(shop, client, paper):
    secret = shop.api_key()
    send = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}"}}

    answers = [
        client.post(f"/api/v1/vouchers/{call}/", {"code": paper.code}, **send)
        for call in ("check", "use", "release")
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 400]
    assert answers[1].json()["code"] == "idempotency_key_required"


@pytest.mark.parametrize("call", ["check", "use", "release"])
def test_keys_need_the_scope(shop, api, paper, call):
    answer = api(
        "POST",
        f"vouchers/{call}/",
        {"code": paper.code},
        secret=shop.api_key("rewards:read", name="Reader"),
    )

    assert answer.status_code == 403


def test_using_is_told_and_done_once(api, shop, member, paper):
    body = {"store": shop.store.code, "member": str(member.public_id)}

    answers = [
        api("POST", "vouchers/use/", {"code": paper.code, **body}, key="use-once-" + "k" * 16)
        for _ in range(2)
    ]
    again = asked(api, "use", paper.code)
    checked = asked(api, "check", paper.code)

    use_made = VoucherUse.objects.get()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["status"] == checked.json()["status"] == "used"
    assert (again.status_code, again.json()["code"]) == (409, "voucher_used")
    assert (use_made.member, use_made.store, use_made.actor[:12]) == (
        member,
        shop.store,
        "integration:",
    )


def test_a_purchase_says_for_whom_and_where(api, shop, member, paper):
    sold = shop.buys(member, "10.00").purchase
    unknown = asked(api, "use", paper.code, purchase=str(paper.public_id))

    answer = asked(api, "use", paper.code, purchase=str(sold.public_id))

    use_made = VoucherUse.objects.get()
    assert (unknown.status_code, unknown.json()["code"]) == (400, "purchase_unknown")
    assert answer.status_code == 200
    assert (use_made.purchase, use_made.member, use_made.store) == (sold, member, shop.store)


def test_a_purchase_is_found_by_the_callers_own_number(api, shop, member, paper):
    api("POST", "purchases/", {"external_id": "A-7", "store": "1", "total": "9.00"})

    answer = asked(api, "use", paper.code, external_id="A-7")
    other = asked(api, "use", paper.code, external_id="A-8")

    assert (answer.status_code, other.status_code) == (200, 400)
    assert VoucherUse.objects.get().purchase == Purchase.objects.get(external_id="A-7")


@pytest.mark.proves("input 46", "input 47", "X2")
def test_one_answer_for_all_codes_that_are_nothing_here(api, shop, paper):
    other = open_shop("elsewhere")
    foreign = codes_of(batch_of(other, 1))[0].code

    answers = [
        asked(api, "check", code)
        for code in (make(), foreign, "NOSUCHWORD", "?!", "x" * 64, "447400123456")
    ]

    documents = [answer.json() | {"request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {400}
    assert documents[0]["code"] == "voucher_unknown"
    assert [one for one in documents if one != documents[0]] == []


@pytest.mark.proves("input 47")
def test_a_slip_is_told_before_any_look_up(api, paper, django_assert_num_queries):
    wrong = next(
        paper.code[:-1] + last
        for last in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        if not check(paper.code[:-1] + last)
    )
    asked(api, "check", paper.code)

    with django_assert_num_queries(1):  # the key
        answer = asked(api, "check", wrong)

    assert (answer.status_code, answer.json()["code"]) == (400, "voucher_mistyped")


@pytest.mark.proves("input 46")
def test_who_guesses_is_answered_429_also_with_the_right_code(api, paper):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        wrong = [asked(api, "use", make()).status_code for _ in range(10)]
        right = asked(api, "use", paper.code)
        clock.shift(timedelta(seconds=60))
        after = asked(api, "use", paper.code)

    assert wrong == [400] * 10
    assert (right.status_code, right.json()["code"]) == (429, "tried_too_often")
    assert right.headers["Retry-After"] == "60"
    assert after.status_code == 200


@pytest.mark.parametrize("call", ["check", "use"])
def test_somebody_elses_voucher_is_refused_without_a_name(api, shop, member, call):
    voucher, zoe = held_by(shop, member), shop.member("+447911123456", name="Zoë Baker")

    answer = asked(api, call, voucher.code, member=str(zoe.public_id))

    assert (answer.status_code, answer.json()["code"]) == (409, "voucher_not_theirs")
    assert "Mina" not in answer.content.decode()
    assert str(member.public_id) not in answer.content.decode()
    assert VoucherUse.objects.count() == 0


def test_the_members_own_voucher_is_used_with_or_without_the_member(api, shop, member):
    voucher = held_by(shop, member)

    told = asked(api, "check", voucher.code, member="+447400123456")
    used = asked(api, "use", voucher.code)

    assert (told.json()["status"], used.json()["status"]) == ("issued", "used")
    assert VoucherUse.objects.get().member == member


def test_a_check_tells_why_a_code_cannot_be_used_now(api, shop, member):
    today = timezone.localdate()
    code = shared_code(shop, "ONCE26", per_member_max=1, valid_from=today)
    resting, later = shared_code(shop, "RESTING"), shared_code(shop, "LATER26", valid_from=today)
    Voucher.objects.filter(pk=later.pk).update(valid_from=timezone.now() + timedelta(days=2))
    ended = shared_code(shop, "ENDED26")
    stopped = codes_of(batch_of(shop, 1))[0]
    use(code, member=member)
    pause_shared_code(voucher_id=resting.pk, actor=SYSTEM)
    cancel_shared_code(voucher_id=ended.pk, actor=SYSTEM)
    stop_batch(batch_id=stopped.batch_id, actor=SYSTEM)

    told = [
        asked(api, "check", word, member=str(member.public_id)).json()["status"]
        for word in ("ONCE26", "RESTING", "LATER26", "ENDED26", stopped.code)
    ]

    assert told == ["limit_reached", "paused", "not_yet", "canceled", "canceled"]
    assert asked(api, "check", "ONCE26").json()["status"] == "issued"
    assert asked(api, "use", "ONCE26").json()["code"] == "member_needed"
    assert asked(api, "use", "RESTING").json()["code"] == "voucher_paused"


# --- letting go ----------------------------------------------------------------------------------


def test_a_use_is_let_go_of_once_by_who_made_it(api, shop, paper):
    asked(api, "use", paper.code)

    freed = asked(api, "release", paper.code)
    again = asked(api, "release", paper.code)
    used = asked(api, "use", paper.code)

    assert (freed.status_code, freed.json()["status"]) == (200, "issued")
    assert (again.status_code, again.json()["code"]) == (409, "voucher_not_used")
    assert used.status_code == 200


def test_another_shop_system_lets_go_of_nothing(api, shop, paper):
    asked(api, "use", paper.code)
    other = shop.api_key(name="Another")

    answer = api("POST", "vouchers/release/", {"code": paper.code}, secret=other)

    assert (answer.status_code, answer.json()["code"]) == (409, "voucher_not_used")
    assert Voucher.objects.get(pk=paper.pk).status == "used"


def test_a_use_is_let_go_of_within_a_quarter_of_an_hour(api, paper):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        asked(api, "use", paper.code)
        clock.shift(timedelta(minutes=15, seconds=1))
        late = asked(api, "release", paper.code)
        clock.shift(-timedelta(seconds=1))
        in_time = asked(api, "release", paper.code)

    assert (late.status_code, late.json()["code"]) == (409, "undo_not_possible")
    assert in_time.status_code == 200


def test_of_a_shared_code_the_use_of_this_member_or_purchase_is_let_go_of(api, shop, member):
    shared_code(shop)
    zoe = shop.member("+447911123456")
    sold = shop.buys(zoe, "10.00").purchase
    asked(api, "use", "SUMMER26", member=str(member.public_id))
    asked(api, "use", "SUMMER26", purchase=str(sold.public_id))
    asked(api, "use", "SUMMER26")

    asked(api, "release", "SUMMER26", member=str(member.public_id))
    asked(api, "release", "SUMMER26", purchase=str(sold.public_id))

    live = VoucherUse.objects.filter(released_at=None)
    assert [one.member for one in live] == [None]


def test_a_key_of_one_store_speaks_for_no_other(api, shop, paper):
    answer = asked(api, "use", paper.code, store="nowhere")

    assert (answer.status_code, answer.json()["code"]) == (400, "store_unknown")
    assert VoucherUse.objects.count() == 0


@pytest.mark.parametrize(
    "body", [{}, {"code": 5}, {"code": ""}, {"code": "A", "more": 1}, {"code": "A", "purchase": 1}]
)
def test_what_is_no_request_is_refused(api, body):
    assert api("POST", "vouchers/use/", body).status_code == 400

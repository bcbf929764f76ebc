"""Vouchers at the till that belong to nobody yet, shared codes, and taking a use back."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from rewards.models import LookUp, Voucher, VoucherUse
from rewards.services.shared_codes import pause_shared_code
from rewards.services.voucher_batches import stop_batch
from rewards.voucher_codes import grouped
from tests.shops import open_shop
from tests.tills import open_till, shown, text_of
from tests.vouchers import batch_of, codes_of, shared_code


@pytest.fixture
def paper(shop):
    """A printed voucher for a coffee."""
    [voucher] = codes_of(batch_of(shop, 1, reward=shop.reward(40, name="Coffee")))
    return voucher


def press(till, page, **sent):
    use = page.context["use"]
    fields = {"request_key": uuid4().hex, "member": use["member"], **sent}
    return till.client.post(use["url"], fields)


def undo(till, page):
    return till.client.post(page.context["undo"]["url"], {"request_key": uuid4().hex}, follow=True)


@pytest.mark.proves("input 47")
@pytest.mark.parametrize("spelled", [str.lower, grouped, lambda code: f" {grouped(code).lower()} "])
def test_a_printed_voucher_is_found_however_it_is_typed(shop, till, paper, spelled):
    page = till.find(spelled(paper.code))

    panel = page.context["voucher"]
    assert (panel.name, panel.member, panel.can_be_used) == ("Coffee", None, True)
    assert "Whoever holds it may use it." in text_of(page)


@pytest.mark.proves("input 47")
@pytest.mark.parametrize("typed", ["summer-26", "SUMMER 26", "summer\u06f2\u06f6", "Summer26"])
def test_a_shared_code_is_found_however_it_is_typed(shop, till, typed):
    shared_code(shop, "SUMMER26")

    assert till.find(typed).context["voucher"].code == "SUMMER26"


def test_look_alikes_in_a_shared_code_are_read_as_meant(shop, till):
    shared_code(shop, "WELCOME10")

    assert till.find("we1c0me1o").context["voucher"].code == "WELCOME10"


def test_a_word_that_is_no_code_may_be_a_name(till):
    assert "at least the last four digits" in till.find("Mina").context["refusal"]


def test_using_leads_to_what_is_handed_over_and_can_be_undone_here(shop, till, paper):
    used = shown(till, press(till, till.find(paper.code)))
    undone = undo(till, used)
    again = undo(till, used)

    paper.refresh_from_db()
    assert (used.context["used"].name, bool(used.context["undo"])) == ("Coffee", True)
    assert undone.context["used"].is_taken_back
    assert not undone.context.get("undo")
    assert "This voucher is not used." in text_of(again)
    assert (paper.status, paper.uses) == ("issued", 0)


@pytest.mark.proves("C4")
def test_a_double_touch_uses_a_voucher_once(shop, till, paper):
    page, key = till.find(paper.code), uuid4().hex

    answers = [press(till, page, request_key=key) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert VoucherUse.objects.count() == 1


def test_others_and_those_who_come_late_undo_nothing(shop, till, paper):
    used = shown(till, press(till, till.find(paper.code)))
    zoe = open_till(shop, name="Zoë")

    by_another = undo(zoe, used)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)) as clock:
        still = till.client.get(used.request["PATH_INFO"]).context.get("undo")
        clock.shift(timedelta(minutes=2))
        late = undo(till, used)

    assert bool(still)
    for page in (by_another, late):
        assert "can no longer be undone here" in text_of(page)
        assert not page.context.get("undo")
    assert Voucher.objects.get(pk=paper.pk).status == "used"


def test_a_code_for_each_member_asks_for_the_member_first(shop, member, till):
    shared_code(shop, "ONCE26", per_member_max=1)

    asked = till.find("once26")
    found = till.client.get(asked.context["ask"]["url"], {"who": "3456"}, follow=True)
    used = shown(till, press(till, found))
    again = till.client.get(asked.context["ask"]["url"], {"member": member.public_id})

    assert (asked.context["use"], asked.context["voucher"].can_be_used) == (None, False)
    assert found.context["voucher"].member.name == "Mina K."
    assert "+447400123456" not in found.content.decode()
    assert used.context["member"].public_id == member.public_id
    assert VoucherUse.objects.get().member == member
    assert "as often as it can be used" in text_of(again)
    assert again.context["use"] is None
    assert LookUp.objects.get().member == member


def test_who_is_meant_is_chosen_or_told_to_be_nobody(shop, member, till):
    shared_code(shop, "ONCE26", per_member_max=1)
    shop.member("+447911123456", name="Zoë Baker")
    url = till.find("ONCE26").context["ask"]["url"]

    several = till.client.get(url, {"who": "3456"})
    chosen = till.client.get(several.context["choices"][0]["url"])
    nobody = till.client.get(url, {"who": "9999"})
    unreadable = till.client.get(url, {"who": "x"})

    assert len(several.context["choices"]) == 2
    assert chosen.context["voucher"].can_be_used
    assert "Nobody was found." in text_of(nobody)
    assert "at least the last four digits" in text_of(unreadable)


def test_a_code_for_each_member_is_not_used_by_nobody(shop, till):
    code = shared_code(shop, "ONCE26", per_member_max=1)
    url = f"/till/vouchers/{code.public_id}/use/"

    answer = till.client.post(url, {"request_key": uuid4().hex})

    assert (answer.status_code, VoucherUse.objects.count()) == (200, 0)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("paused", "This code is paused. Hand nothing over."),
        ("not yet", "This voucher is not valid yet. Hand nothing over."),
        ("over", "This voucher is no longer valid. Hand nothing over."),
    ],
)
def test_a_shared_code_that_rests_says_so(shop, till, what, sentence):
    day = timezone.localdate() + timedelta(days={"not yet": 3, "over": -3}.get(what, 0))
    dates = {"valid_from": day} if what == "not yet" else {"valid_until": day}
    code = shared_code(shop, **dates)
    if what == "paused":
        pause_shared_code(voucher_id=code.pk, actor=SYSTEM)

    page = till.find("SUMMER26")

    assert sentence in text_of(page)
    assert page.context["use"] is None


def test_a_voucher_of_a_stopped_batch_is_worth_nothing_at_once(shop, till, paper):
    page = till.find(paper.code)
    stop_batch(batch_id=paper.batch_id, actor=SYSTEM)

    answer = press(till, page)

    assert "This voucher was canceled. Hand nothing over." in text_of(answer)
    assert VoucherUse.objects.count() == 0


def test_another_organizations_voucher_or_use_does_not_exist(shop, till, paper):
    other = open_till(open_shop("leaf"))
    theirs = codes_of(batch_of(other.shop, 1))[0]
    used = shown(other, press(other, other.find(theirs.code)))
    paths = [
        f"/till/vouchers/{theirs.public_id}/",
        used.request["PATH_INFO"],
        used.request["PATH_INFO"].replace(str(theirs.public_id), str(paper.public_id)),
        f"/till/vouchers/{UUID(int=0)}/",
    ]
    undo_url = used.context["undo"]["url"]

    assert [till.client.get(path).status_code for path in paths] == [404] * 4
    assert till.client.post(undo_url, {"request_key": uuid4().hex}).status_code == 404
    assert "No voucher has this code." in text_of(till.find(theirs.code))


def test_who_was_signed_out_comes_back_to_the_voucher(shop, till, paper):
    page = till.find(paper.code)
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    answer = press(till, page)

    assert str(paper.public_id) in answer.url
    assert VoucherUse.objects.count() == 0

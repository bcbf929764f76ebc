"""Whatever page of the till opens a member is a look-up, and full is full."""

from uuid import uuid4

import pytest
from django.utils import timezone

from rewards.models import LookUp, VoucherUse
from rewards.services.look_ups import IN_VAIN_MAX
from tests.tills import open_till, shown, text_of
from tests.vouchers import shared_code


@pytest.fixture
def other(shop):
    """Another register, at which somebody else works."""
    return open_till(shop, name="Ben")


def browse(till):
    """Look for as many people in vain."""
    row = {"staff": till.staff, "register": till.register, "matched": 0, "at": timezone.now()}
    LookUp.objects.bulk_create(LookUp(**row) for _ in range(IN_VAIN_MAX))


def rung_up(shop, till, member):
    return till.rings_up(member).url


def handed_over(shop, till, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40, name="Coffee")
    sent = {
        "member": member.public_id,
        "reward": reward.public_id,
        "points": reward.points,
        "request_key": uuid4().hex,
    }
    return till.client.post("/till/rewards/", sent).url


def asked_to_prove(_shop, _till, member):
    return f"/till/members/{member.public_id}/proof/"


OPENING = [rung_up, handed_over, asked_to_prove]


@pytest.mark.parametrize("opening", OPENING)
def test_whoever_opens_a_member_looks_them_up_once(shop, member, till, other, opening):
    url = opening(shop, till, member)

    pages = [other.client.get(url) for _ in range(2)]

    looked_up = LookUp.objects.filter(staff=other.staff)
    assert [page.status_code for page in pages] == [200, 200]
    assert [one.member for one in looked_up] == [member]


@pytest.mark.parametrize("opening", OPENING)
def test_who_browses_is_shown_nobody(shop, member, till, other, opening):
    url = opening(shop, till, member)
    browse(other)

    page = other.client.get(url)

    assert (page.status_code, int(page["Retry-After"]) > 3500) == (429, True)
    assert "Too many look-ups" in text_of(page)
    assert "Mina" not in text_of(page)
    assert not LookUp.objects.filter(staff=other.staff, member=member).exists()


@pytest.mark.parametrize("opening", [rung_up, handed_over])
def test_what_one_just_did_is_shown_however_many_were_looked_up(shop, member, till, opening):
    browse(till)

    page = till.client.get(opening(shop, till, member))

    assert (page.status_code, page.context["member"].public_id) == (200, member.public_id)


def test_who_was_looked_up_and_bought_is_nobody_new(shop, member, till):
    till.find("07400 123456")
    receipt = till.rings_up(member).url
    till.client.get(receipt)
    till.client.get(f"/till/?member={member.public_id}")

    assert [one.purchase is None for one in LookUp.objects.filter(staff=till.staff)] == [False]


def test_whom_a_shared_code_was_used_for_is_shown_to_who_did_it_alone(shop, member, till, other):
    code = shared_code(shop, "ONCE26", per_member_max=1)
    url = f"/till/vouchers/{code.public_id}/"
    page = till.client.get(url, {"member": member.public_id})
    sent = {"request_key": page.context["use"]["key"], "member": member.public_id}
    own = shown(till, till.client.post(f"{url}use/", sent))
    use = VoucherUse.objects.get()

    theirs = other.client.get(f"{url}used/{use.pk}/")

    assert own.context["member"].public_id == member.public_id
    assert theirs.context["used"].name
    assert (theirs.context.get("member"), "Mina" in text_of(theirs)) == (None, False)

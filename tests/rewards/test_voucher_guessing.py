"""Wrong voucher codes count wherever a receipt names them, and then a right one waits too."""

from decimal import Decimal

import pytest

from core.models import FailureCount
from loyalty.models import Purchase
from rewards.models import Reward, Voucher
from rewards.services.voucher_finding import PER_ASKER
from rewards.voucher_codes import make
from tests.rewards.receipts import NOTHING, receipt, refused
from tests.tills import errors_on
from tests.vouchers import batch_of, codes_of

MOST = PER_ASKER[0]
TEA = {"sku": "tea", "quantity": "1", "amount": "20.00"}
WAIT = "Too many wrong tries"

pytestmark = pytest.mark.proves("input 46")


@pytest.fixture
def code(shop):
    reward = shop.reward(50, name="Five off", kind=Reward.Kind.AMOUNT_OFF, amount=Decimal(5))
    return codes_of(batch_of(shop, 1, reward=reward))[0].code


def quoted(api, *vouchers, **parts):
    sent = receipt(external_id=NOTHING, lines=[TEA], vouchers=vouchers, member=NOTHING, **parts)
    return api("POST", "quotes/", sent)


def held(api, *vouchers):
    return quoted(api, *vouchers, hold=True)


def bought(api, *vouchers):
    return api("POST", "purchases/", receipt(lines=[TEA], vouchers=vouchers, member=NOTHING))


def priced(till, code):
    return till.client.post("/till/quote/", till.filled_in(vouchers=code, amount="20.00"))


def failures():
    counted = FailureCount.objects.values_list("subject", "failures")
    return {subject.split(":")[1]: failures for subject, failures in counted}


@pytest.mark.parametrize("surface", [quoted, held, bought])
def test_a_shop_systems_guesses_count_on_receipts_and_quotes(api, shop, code, surface):
    for _ in range(MOST):
        refused(surface(api, make()), 400, "voucher_unknown")

    told = refused(surface(api, code), 429, "tried_too_often")
    assert 0 < told["data"]["retry_after"] <= 60
    refused(api("POST", "vouchers/check/", {"code": code}), 429, "tried_too_often")
    assert {*failures().values()} == {MOST}
    assert surface(api).status_code in {200, 201}  # without any voucher nobody waits
    assert Voucher.objects.get().status == "issued"


@pytest.mark.parametrize("surface", [quoted, held, bought])
def test_what_is_right_or_mistyped_is_no_failure(api, shop, code, surface):
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    for _ in range(MOST + 1):
        refused(surface(api, slip), 400, "voucher_mistyped")

    assert surface(api, code).status_code in {200, 201}
    assert failures() == {}


def test_guesses_in_a_quote_at_the_till_count_and_then_the_price_is_told_without(till, code):
    wrong = [priced(till, make()) for _ in range(MOST)]
    right = priced(till, code)

    assert ["No voucher has this code." in page.content.decode() for page in wrong] == [True] * MOST
    assert WAIT in right.content.decode()
    assert ("£20.00" in right.content.decode(), "£15.00" in right.content.decode()) == (True, False)
    assert WAIT in priced(till, make()).content.decode()
    assert {*failures().values()} == {MOST}
    assert till.find(code).status_code == 429


def test_guesses_when_ringing_up_count_and_then_a_right_code_waits(till, code):
    for _ in range(MOST):
        page = till.rings_up(vouchers=make(), amount="20.00")
        assert errors_on(page)["vouchers"] == ["No voucher has this code."]

    late = till.rings_up(vouchers=code, amount="20.00")

    assert (late.status_code, late["Retry-After"]) == (429, "60")
    assert WAIT in late.content.decode()
    assert not Purchase.objects.exists()
    assert till.rings_up(amount="20.00").status_code == 303

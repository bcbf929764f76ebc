"""A voucher that was handed over is never left out silently, and what a gift card pays is told."""

from decimal import Decimal

import pytest

from core.models import Store, WrongTries
from loyalty.models import Purchase
from rewards.models import Reward, Voucher, VoucherUse
from tests.giftcards import balance_of, sold
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import errors_on, open_till, shown, text_of
from tests.vouchers import batch_of, codes_of, use

NOWHERE = "0123456789ABCDEFP"  # a code of nobody's, rightly typed


def five_off(shop, count=1, **details):
    reward = shop.reward(
        50, name="Five off", kind=Reward.Kind.AMOUNT_OFF, amount=Decimal(5), **details
    )
    return codes_of(batch_of(shop, count, reward=reward))


def totals():
    return list(Purchase.objects.order_by("pk").values_list("total", flat=True))


@pytest.mark.proves("C5")
def test_who_hears_that_a_voucher_is_gone_decides_to_ring_up_without_it(shop, till):
    [voucher] = five_off(shop)
    use(voucher)
    sent = till.filled_in(amount="20.00", vouchers=voucher.code)

    refused = till.client.post("/till/purchases/", sent)
    before = totals()
    again = sent | {
        "request_key": refused.context["purchase"]["request_key"].value(),
        "without": voucher.code,
    }
    recorded = till.client.post("/till/purchases/", again)

    assert errors_on(refused)["vouchers"] == ["This voucher was used before."]
    assert "Ring up without the voucher" in text_of(refused)
    assert "£20.00" in text_of(refused)
    assert (before, recorded.status_code, totals()) == ([], 303, [Decimal(20)])


def test_one_of_two_is_left_out_and_the_other_counts(shop, till):
    gone, good = five_off(shop, 2)
    use(gone)
    sent = till.filled_in(amount="20.00", vouchers=f"{gone.code} {good.code}")

    told = till.client.post("/till/quote/", sent).content.decode()
    till.client.post("/till/purchases/", sent | {"without": gone.code})

    assert ("This voucher was used before." in told, "£15.00" in told) == (True, True)
    assert totals() == [Decimal(15)]


def test_a_voucher_that_takes_nothing_off_is_told_before_anything_is_recorded(shop, till):
    Store.objects.create(organization=shop.organization, code="ST", name="Station")
    [voucher] = five_off(shop, stores=["ST"])

    sent = till.filled_in(amount="20.00", vouchers=voucher.code)
    told = till.client.post("/till/quote/", sent).content.decode()
    refused = till.client.post("/till/purchases/", sent)

    assert "What did not count" in told
    assert "Five off takes nothing off this purchase" in errors_on(refused)["vouchers"][0]
    assert (totals(), VoucherUse.objects.count()) == ([], 0)


def test_more_vouchers_than_one_purchase_takes_are_not_cut_off(shop, till):
    page = till.rings_up(vouchers=" ".join(str(n) for n in range(11)))

    assert errors_on(page)["vouchers"] == ["These are too many vouchers for one purchase."]


def test_a_voucher_that_points_did_not_pay_for_says_nothing_of_points(shop, till, member):
    [voucher] = five_off(shop)
    Voucher.objects.filter(pk=voucher.pk).update(status=Voucher.Status.CANCELED)

    page = till.find(voucher.code)

    assert "This voucher was canceled. Hand nothing over." in text_of(page)
    assert "Ring up without it" in text_of(page)


def test_a_voucher_of_another_store_says_where_it_is_good(shop, till):
    Store.objects.create(organization=shop.organization, code="ST", name="Station")
    [voucher] = codes_of(batch_of(shop, 1, reward=shop.reward(40, stores=["ST"])))

    page = till.find(voucher.code)

    assert "This voucher is not good in this store. Hand nothing over." in text_of(page)
    assert "Station" in text_of(page)
    assert page.context["use"] is None


# --- a gift card in the quote ------------------------------------------------------------------


def test_the_quote_says_what_is_left_to_pay_as_the_answer_will(shop, till):
    card = sold(shop, "10.00")
    sent = till.filled_in(amount="12.50", gift_card=card.code)

    told = till.client.post("/till/quote/", sent).content.decode()
    answer = shown(till, till.client.post("/till/purchases/", sent))

    assert ("−£10.00" in told, "£2.50" in told) == (True, True)
    assert (answer.context["answer"].due, "To pay £2.50" in text_of(answer)) == (
        Decimal("2.50"),
        True,
    )
    assert balance_of(card) == "0.00"


@pytest.mark.proves("input 48")
def test_one_wrong_card_is_one_wrong_try_however_often_the_quote_is_asked(shop, till):
    sent = till.filled_in(amount="12.50", gift_card=NOWHERE)

    told = [till.client.post("/till/quote/", sent).content.decode() for _key in range(8)]

    assert ["No gift card has this code." in one for one in told] == [True] * 8
    assert WrongTries.objects.get().tries == 1


def test_an_empty_card_is_told_while_typing(shop, till):
    card = sold(shop, "12.50")
    till.rings_up(amount="12.50", gift_card=card.code)

    told = till.client.post(
        "/till/quote/", till.filled_in(amount="5.00", gift_card=card.code)
    ).content.decode()

    assert ("There is nothing left on this gift card." in told, "£5.00" in told) == (True, True)


# --- two tills at once -------------------------------------------------------------------------


def both_ring_up(serial):
    """Let two tills ring up with one voucher; return what the answers and the records say."""
    shop = open_shop(f"race-{serial}")
    [voucher] = five_off(shop)
    tills = [open_till(shop, name=name) for name in ("Ada", "Ben")]
    answers = race(
        *(
            lambda till=till, n=n: till.rings_up(
                amount="20.00", vouchers=voucher.code, receipt=str(n)
            )
            for n, till in enumerate(tills)
        )
    )
    recorded = Purchase.objects.filter(organization=shop.organization).values_list(
        "total", flat=True
    )
    return sorted(getattr(one, "status_code", 0) for one in answers), list(recorded), answers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("C5")
def test_one_of_two_tills_takes_the_voucher_and_the_other_is_told():
    statuses, recorded, answers = both_ring_up(1)

    [late] = [one for one in answers if one.status_code == 200]
    assert (statuses, recorded) == ([200, 303], [Decimal(15)])
    assert "This voucher was used before." in text_of(late)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_both_tills_take_it_off(monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    forget_locks(monkeypatch)

    def both(serial):
        return both_ring_up(serial + 10)[1] == [Decimal(15)] * 2

    assert seen(both, tries=6)

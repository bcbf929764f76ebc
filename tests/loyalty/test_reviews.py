import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord
from loyalty.errors import AccountInconsistent, AccountNotUnderReview, AccountUnderReview
from loyalty.models import Account, Lot
from loyalty.services.due import expire_due_points
from loyalty.services.ledger import rebuild_balance
from loyalty.services.reviews import release_account
from rewards.services.redemptions import capture_redemption, redeem
from tests.callers import Caller, problem


def run(*words):
    """Run a command; return its exit status and what it prints."""
    printed = io.StringIO()
    try:
        call_command(*words, stdout=printed)
    except SystemExit as end:
        return end.code, printed.getvalue().splitlines()
    return 0, printed.getvalue().splitlines()


def spends(shop, member, **options):
    return redeem(
        reward_id=shop.reward(10).pk,
        member_id=member.pk,
        actor=SYSTEM,
        request_key="take",
        **options,
    )


@pytest.fixture
def corrupt(shop, member):
    """An account whose balance somebody raised by hand."""
    shop.buys(member, "100.00")
    account = shop.account(member)
    Account.objects.filter(pk=account.pk).update(balance=1000)
    yield account
    Account.objects.filter(pk=account.pk).update(balance=shop.entries(member)[-1][2])


def audits():
    rows = AuditRecord.objects.filter(subject="loyalty.account").order_by("pk")
    return list(rows.values_list("verb", "subject_id", "fields", "reason"))


@pytest.mark.proves("L3", "INV-1")
def test_a_corrupted_balance_is_named_quarantined_and_rebuilt(shop, member, corrupt):
    found = run("audit_ledger")
    rebuilt = run("rebuild_balances", "--account", str(corrupt.pk))
    still = shop.account(member).under_review_since
    released = run("release_account", str(corrupt.pk), "--reason", "rebuilt")

    assert found[0] == 1
    assert f"INV-1 loyalty.account:{corrupt.pk} balance 1000, entries 100, last 1 of 1" in found[1]
    assert f"account {corrupt.pk} is under review: nothing is spent from it" in found[1]
    assert rebuilt == (
        0,
        [
            f"account {corrupt.pk}: balance 1000 becomes 100, sequence 1 becomes 1",
            "1 of 1 accounts agree with their entries",
        ],
    )
    assert still is not None
    assert released == (0, [f"account {corrupt.pk} is released"])
    assert shop.account(member).under_review_since is None
    assert run("audit_ledger")[0] == 0
    assert audits() == [
        ("quarantine", corrupt.pk, ["under_review_since"], "INV-1, INV-2"),
        ("rebuild", corrupt.pk, ["balance", "sequence"], ""),
        ("release_account", corrupt.pk, ["under_review_since"], "rebuilt"),
    ]
    assert spends(shop, member).status == "issued"


def test_an_account_under_review_earns_and_is_read_and_nothing_is_spent(shop, member):
    shop.buys(member, "100.00")
    held = spends(shop, member, hold_seconds=600)
    Account.objects.update(under_review_since=timezone.now())

    shop.buys(member, "10.00")

    assert shop.balance(member) == 100
    for act in (
        lambda: spends(shop, member),
        lambda: capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="hand"),
    ):
        with pytest.raises(AccountUnderReview):
            act()
    held.refresh_from_db()
    assert (held.status, shop.balance(member)) == ("held", 100)


def test_a_shop_system_reads_the_balance_and_is_told_why_nothing_is_spent(shop, member, corrupt):
    run("audit_ledger")
    caller = Caller(shop.api_key())
    reward = shop.reward(10)
    before = shop.entries(member)

    read = caller.get(f"members/{member.public_id}/")
    refused = caller.post(
        "redemptions/", {"member": str(member.public_id), "reward": str(reward.public_id)}
    )

    assert read.status_code == 200
    assert problem(refused)[:2] == (409, "account_under_review")
    assert shop.entries(member) == before


def test_only_looking_changes_nothing(shop, member, corrupt):
    status, _printed = run("audit_ledger", "--no-quarantine")

    assert status == 1
    assert shop.account(member).under_review_since is None
    assert audits() == []


def test_a_second_audit_neither_renews_nor_lifts_a_review(shop, member, corrupt):
    run("audit_ledger")
    since = shop.account(member).under_review_since

    again = run("audit_ledger", "--json")
    rebuild_balance(account_id=corrupt.pk)
    clean = run("audit_ledger")

    assert json.loads("\n".join(again[1]))["put_under_review"] == []
    assert clean[0] == 0
    assert shop.account(member).under_review_since == since


def test_the_document_names_checks_rows_and_accounts(shop, corrupt):
    status, printed = run("audit_ledger", shop.organization.slug, "--json")

    document = json.loads("\n".join(printed))
    assert (status, document["put_under_review"]) == (1, [corrupt.pk])
    assert {"INV-1", "INV-14", "INV-5"} <= set(document["checked"])
    assert document["violations"][0] == {
        "invariant": "INV-1",
        "organization_id": shop.organization.pk,
        "subject": "loyalty.account",
        "subject_id": corrupt.pk,
        "detail": "balance 1000, entries 100, last 1 of 1",
    }


def test_an_audit_since_a_day_sees_the_accounts_that_moved_since(shop, member, corrupt):
    tomorrow = f"{timezone.now().year + 1}-01-01"

    assert run("audit_ledger", "--since", tomorrow, "--no-quarantine")[0] == 0
    assert run("audit_ledger", "--since", "2020-01-01", "--no-quarantine")[0] == 1
    assert run("audit_ledger", "--since", "2020-01-01T10:00:00", "--no-quarantine")[0] == 1
    with pytest.raises(CommandError, match="is no date"):
        run("audit_ledger", "--since", "2020-13-45")
    with pytest.raises(CommandError, match="no organization"):
        run("audit_ledger", "nowhere")


def test_an_account_is_not_released_while_it_contradicts_itself(shop, member, corrupt):
    run("audit_ledger")

    with pytest.raises(AccountInconsistent) as refusal:
        release_account(account_id=corrupt.pk, reason="looks fine")
    with pytest.raises(CommandError, match=f"INV-1 loyalty.account:{corrupt.pk}"):
        run("release_account", str(corrupt.pk), "--reason", "looks fine")

    assert len(refusal.value.data["rows"]) == 2
    assert shop.account(member).under_review_since is not None


def test_what_is_wrong_with_another_account_keeps_nobody_under_review(shop, member, corrupt):
    other = shop.member("+447400123457")
    shop.buys(other, "10.00")
    Account.objects.filter(holders__member=other).update(under_review_since=timezone.now())

    release_account(account_id=shop.account(other).pk, reason="was never wrong")

    assert shop.account(other).under_review_since is None


def test_only_an_account_under_review_is_released_and_for_a_reason(shop, member):
    shop.buys(member, "10.00")
    account = shop.account(member)

    with pytest.raises(AccountNotUnderReview):
        release_account(account_id=account.pk, reason="why not")
    with pytest.raises(CommandError, match="Say why"):
        run("release_account", str(account.pk), "--reason", " ")
    with pytest.raises(CommandError, match="Nothing was found"):
        run("release_account", "0", "--reason", "why not")

    assert audits() == []


@pytest.mark.proves("L3")
def test_a_trial_shows_what_would_change_and_changes_nothing(shop, member, corrupt):
    status, printed = run("rebuild_balances", shop.organization.slug, "--dry-run")

    assert (status, printed[0]) == (
        0,
        f"account {corrupt.pk}: balance 1000 would become 100, sequence 1 would become 1",
    )
    assert shop.account(member).balance == 1000
    assert audits() == []


@pytest.mark.proves("L3")
def test_an_account_whose_lots_disagree_is_not_rebuilt_and_the_lot_is_named(shop, member, corrupt):
    lot = Lot.objects.get(account=corrupt)
    Lot.objects.filter(pk=lot.pk).update(remaining=99)

    with pytest.raises(AccountInconsistent) as refusal:
        rebuild_balance(account_id=corrupt.pk)
    status, printed = run("rebuild_balances", "--account", str(corrupt.pk))
    balance = shop.account(member).balance
    Lot.objects.filter(pk=lot.pk).update(remaining=100)

    named = f"INV-3 loyalty.lot:{lot.pk} 99 of 100 left, consumed 0, held 0 of 0"
    assert named in refusal.value.data["rows"]
    assert (status, f"  {named}" in printed) == (1, True)
    assert (balance, audits()) == (1000, [])


def test_an_organization_without_faults_has_nothing_to_rebuild(shop, member):
    shop.buys(member, "10.00")

    assert run("rebuild_balances", shop.organization.slug) == (
        0,
        ["0 of 0 accounts agree with their entries"],
    )
    assert run("rebuild_balances", "--account", str(shop.account(member).pk))[1][0].endswith(
        "nothing to change"
    )
    with pytest.raises(CommandError, match="no organization"):
        run("rebuild_balances", "nowhere")


def test_ended_points_of_an_account_under_review_are_booked_once_it_is_released(shop, member):
    shop.settle(expiry={"type": "after", "days": 1})
    shop.buys(member, "10.00")
    Account.objects.update(under_review_since=timezone.now())
    later = timezone.now() + timedelta(days=3)

    while_under_review = expire_due_points(now=later)
    release_account(account_id=shop.account(member).pk, reason="was never wrong")

    assert (while_under_review, expire_due_points(now=later)) == (0, 1)

"""What workers do for rewards; running any of these twice at once is safe."""

from __future__ import annotations

from celery import shared_task

from rewards.services import (
    draw_canceling,
    draw_closing,
    gift_card_batches,
    gift_cards,
    look_ups,
    promises,
    proofs,
    redemptions,
    voucher_batches,
    vouchers,
)


@shared_task(name="rewards.end_overdue_redemptions", ignore_result=True)  # type: ignore[untyped-decorator]
def end_overdue_redemptions() -> None:
    """Let go of rewards and quotes that were set aside for too long."""
    promises.end_overdue_quotes()
    redemptions.end_overdue_redemptions()


@shared_task(name="rewards.expire_vouchers", ignore_result=True)  # type: ignore[untyped-decorator]
def expire_vouchers() -> None:
    """Mark vouchers whose last day is over."""
    vouchers.expire_vouchers()
    voucher_batches.expire_batches()


@shared_task(name="rewards.make_voucher_codes", ignore_result=True)  # type: ignore[untyped-decorator]
def make_voucher_codes() -> None:
    """Make the codes that were ordered, and cancel those of batches that were stopped."""
    voucher_batches.work_on_batches()


@shared_task(name="rewards.expire_gift_cards", ignore_result=True)  # type: ignore[untyped-decorator]
def expire_gift_cards() -> None:
    """Book gift cards whose last day is over."""
    gift_cards.expire_gift_cards()


@shared_task(name="rewards.make_gift_cards", ignore_result=True)  # type: ignore[untyped-decorator]
def make_gift_cards() -> None:
    """Make the blank gift cards that were ordered."""
    gift_card_batches.make_due_cards()


@shared_task(name="rewards.forget_old_look_ups", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_look_ups() -> None:
    """Delete the notes of who looked for whom, once nobody may ask any more."""
    look_ups.forget_old_look_ups()


@shared_task(name="rewards.close_due_draws", ignore_result=True)  # type: ignore[untyped-decorator]
def close_due_draws() -> None:
    """Close the draws whose time is over."""
    draw_closing.close_due_draws()


@shared_task(name="rewards.refund_canceled_draws", ignore_result=True)  # type: ignore[untyped-decorator]
def refund_canceled_draws() -> None:
    """Give back the points that bought tickets of canceled draws."""
    draw_canceling.refund_canceled_draws()


@shared_task(name="rewards.forget_old_proof_codes", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_proof_codes() -> None:
    """Delete the codes of the day before that members said at tills."""
    proofs.forget_old_proof_codes()

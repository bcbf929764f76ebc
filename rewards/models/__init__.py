"""What members can have for points, what they took, and who looked for them at the tills."""

from rewards.models.benefits import Benefit, BenefitVersion
from rewards.models.categories import RewardCategory
from rewards.models.discounts import PurchaseDiscount, Quote, QuotedReward, QuotedVoucher
from rewards.models.draws import Draw, DrawResult, DrawSecret, DrawTicket, MissedTicket
from rewards.models.gift_cards import (
    GiftCard,
    GiftCardBatch,
    GiftCardEntry,
    GiftCardTerms,
    put_on_cards,
)
from rewards.models.look_ups import LookUp
from rewards.models.proofs import Proof, ProofCode
from rewards.models.redemptions import LIVE, Redemption, snapshot_of
from rewards.models.rewards import UNDO_MINUTES, Reward
from rewards.models.voucher_batches import VoucherBatch
from rewards.models.vouchers import Voucher, VoucherUse

__all__ = [
    "LIVE",
    "UNDO_MINUTES",
    "Benefit",
    "BenefitVersion",
    "Draw",
    "DrawResult",
    "DrawSecret",
    "DrawTicket",
    "GiftCard",
    "GiftCardBatch",
    "GiftCardEntry",
    "GiftCardTerms",
    "LookUp",
    "MissedTicket",
    "Proof",
    "ProofCode",
    "PurchaseDiscount",
    "Quote",
    "QuotedReward",
    "QuotedVoucher",
    "Redemption",
    "Reward",
    "RewardCategory",
    "Voucher",
    "VoucherBatch",
    "VoucherUse",
    "put_on_cards",
    "snapshot_of",
]

"""Programs and their rules, purchases and returns, accounts and the ledger."""

from loyalty.models.activations import Activation
from loyalty.models.activities import Activity, Grant
from loyalty.models.awards import Award, AwardReversal, CarriedPart, RuleCarry
from loyalty.models.challenges import (
    Challenge,
    ChallengeCompletion,
    ChallengeCount,
    ChallengeRun,
    ChallengeVersion,
)
from loyalty.models.habits import CategoryHabit, Habit
from loyalty.models.imports import (
    FileKind,
    ImportedReceipt,
    ImportLane,
    ImportRefusal,
    ReceiptImport,
    ReceiptUpload,
)
from loyalty.models.ledger import (
    Account,
    AccountHolder,
    Batch,
    Consumption,
    Entry,
    Hold,
    HoldLot,
    Lot,
)
from loyalty.models.merges import AccountMerge
from loyalty.models.programs import Program, Rule, RuleBudget, RuleVersion
from loyalty.models.purchases import Payment, Product, Purchase, PurchaseLine
from loyalty.models.requests import AdjustmentRequest
from loyalty.models.returns import PointsPutBack, Return, ReturnLine
from loyalty.models.seals import Seal
from loyalty.models.stamps import StampCard, StampCardVersion, StampMove, StampSheet
from loyalty.models.tiers import (
    LadderLift,
    LadderVersion,
    Standing,
    TierChange,
    TierCount,
    TierGrant,
)

__all__ = [
    "Account",
    "AccountHolder",
    "AccountMerge",
    "Activation",
    "Activity",
    "AdjustmentRequest",
    "Award",
    "AwardReversal",
    "Batch",
    "CarriedPart",
    "CategoryHabit",
    "Challenge",
    "ChallengeCompletion",
    "ChallengeCount",
    "ChallengeRun",
    "ChallengeVersion",
    "Consumption",
    "Entry",
    "FileKind",
    "Grant",
    "Habit",
    "Hold",
    "HoldLot",
    "ImportLane",
    "ImportRefusal",
    "ImportedReceipt",
    "LadderLift",
    "LadderVersion",
    "Lot",
    "Payment",
    "PointsPutBack",
    "Product",
    "Program",
    "Purchase",
    "PurchaseLine",
    "ReceiptImport",
    "ReceiptUpload",
    "Return",
    "ReturnLine",
    "Rule",
    "RuleBudget",
    "RuleCarry",
    "RuleVersion",
    "Seal",
    "StampCard",
    "StampCardVersion",
    "StampMove",
    "StampSheet",
    "Standing",
    "TierChange",
    "TierCount",
    "TierGrant",
]

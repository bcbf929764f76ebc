"""Programs and their rules, purchases and returns, accounts and the ledger."""

from loyalty.models.activations import Activation
from loyalty.models.awards import Award, AwardReversal
from loyalty.models.imports import FileKind, ImportRefusal, ReceiptImport, ReceiptUpload
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

__all__ = [
    "Account",
    "AccountHolder",
    "AccountMerge",
    "Activation",
    "AdjustmentRequest",
    "Award",
    "AwardReversal",
    "Batch",
    "Consumption",
    "Entry",
    "FileKind",
    "Hold",
    "HoldLot",
    "ImportRefusal",
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
    "RuleVersion",
    "Seal",
]

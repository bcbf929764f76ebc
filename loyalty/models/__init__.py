"""Programs and their rules, purchases and returns, accounts and the ledger."""

from loyalty.models.awards import Award, AwardReversal
from loyalty.models.imports import ImportRefusal, ReceiptImport, ReceiptUpload
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
from loyalty.models.programs import Program, Rule, RuleBudget, RuleVersion
from loyalty.models.purchases import Payment, Product, Purchase, PurchaseLine
from loyalty.models.returns import Return, ReturnLine
from loyalty.models.seals import Seal

__all__ = [
    "Account",
    "AccountHolder",
    "Award",
    "AwardReversal",
    "Batch",
    "Consumption",
    "Entry",
    "Hold",
    "HoldLot",
    "ImportRefusal",
    "Lot",
    "Payment",
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

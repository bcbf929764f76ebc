"""Programs and their rules, purchases and returns, accounts and the ledger."""

from loyalty.models.awards import Award, AwardReversal
from loyalty.models.imports import ImportRefusal, ReceiptImport
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
    "Return",
    "ReturnLine",
    "Rule",
    "RuleBudget",
    "RuleVersion",
]

"""The only writer of entries, lots, holds and balances.

Open a book on the accounts, let the verbs write into it, and it is stored as one: the accounts are
locked in order of their ids, sequences continue without a gap, and every entry names its request,
its actor and its cause.
"""

from loyalty.services.ledger.activity import note_purchases
from loyalty.services.ledger.book import POINTS_MAX, Book, Cause, open_book
from loyalty.services.ledger.ending import end_due_lots
from loyalty.services.ledger.expiry import expire
from loyalty.services.ledger.holds import cancel, capture, end_overdue, hold, release
from loyalty.services.ledger.merging import (
    MERGED,
    brought_by,
    came_from,
    carried_on,
    merge,
    refuse_unsettled,
    unmerge,
)
from loyalty.services.ledger.paying import pay, pay_back
from loyalty.services.ledger.postings import Credit, adjust, earn
from loyalty.services.ledger.rebuilding import Rebuilt, misstated_accounts, rebuild_balance
from loyalty.services.ledger.returns import missing, take_back
from loyalty.services.ledger.settling import settle
from loyalty.services.ledger.transfers import forfeit, transfer

__all__ = [
    "MERGED",
    "POINTS_MAX",
    "Book",
    "Cause",
    "Credit",
    "Rebuilt",
    "adjust",
    "brought_by",
    "came_from",
    "cancel",
    "capture",
    "carried_on",
    "earn",
    "end_due_lots",
    "end_overdue",
    "expire",
    "forfeit",
    "hold",
    "merge",
    "missing",
    "misstated_accounts",
    "note_purchases",
    "open_book",
    "pay",
    "pay_back",
    "rebuild_balance",
    "refuse_unsettled",
    "release",
    "settle",
    "take_back",
    "transfer",
    "unmerge",
]

"""The only writer of entries, lots, holds and balances.

Open a book on the accounts, let the verbs write into it, and it is stored as one: the accounts are
locked in order of their ids, sequences continue without a gap, and every entry names its request,
its actor and its cause.
"""

from loyalty.services.ledger.book import Book, Cause, open_book
from loyalty.services.ledger.expiry import expire
from loyalty.services.ledger.holds import cancel, capture, end_overdue, hold, release
from loyalty.services.ledger.postings import Credit, adjust, earn
from loyalty.services.ledger.rebuilding import Rebuilt, misstated_accounts, rebuild_balance
from loyalty.services.ledger.returns import take_back
from loyalty.services.ledger.transfers import forfeit, transfer

__all__ = [
    "Book",
    "Cause",
    "Credit",
    "Rebuilt",
    "adjust",
    "cancel",
    "capture",
    "earn",
    "end_overdue",
    "expire",
    "forfeit",
    "hold",
    "misstated_accounts",
    "open_book",
    "rebuild_balance",
    "release",
    "take_back",
    "transfer",
]

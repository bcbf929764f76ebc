"""How batches of vouchers and shared codes say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class CodeTooWeak(InvalidInput):
    """Such codes could be guessed; ``bits`` in the data is how strong they would be."""

    code = "voucher_code_too_weak"
    field = "random_chars"
    sentence = _("Such codes could be guessed. They need at least 50 random bits.")


class CodeLengthTaken(InvalidInput):
    """Such codes would be as long as gift cards' codes, or longer than any; ``length`` says it."""

    code = "voucher_length_taken"
    field = "prefix"
    sentence = _("Codes of this length cannot be told from others. Choose another beginning.")


class PrefixInvalid(InvalidInput):
    """A prefix has a sign in it that codes do not have."""

    code = "voucher_prefix_invalid"
    field = "prefix"
    sentence = _("Use up to 8 digits and capital letters without I, L, O and U.")


class BatchTooLarge(InvalidInput):
    """A batch is of 1 to 1,000,000 codes."""

    code = "voucher_batch_too_large"
    field = "wanted"
    sentence = _("A batch has 1 to 1,000,000 codes.")


class BatchStopped(Refusal):
    """The batch was stopped: nothing of it is made, printed or given out any more."""

    code = "voucher_batch_stopped"
    sentence = _("This batch was stopped.")


class BatchNotReady(Refusal):
    """The codes of a batch are still being made."""

    code = "voucher_batch_not_ready"
    sentence = _("The codes are still being made.")


class DatesInverted(InvalidInput):
    """The last day comes before the first."""

    code = "voucher_dates_inverted"
    field = "valid_until"
    sentence = _("The last day is before the first.")


class WordInvalid(InvalidInput):
    """A shared code is no word that can be typed, or could be taken for a printed code."""

    code = "voucher_word_invalid"
    field = "word"
    sentence = _("Use 4 to 20 letters A to Z and digits; from 12 on, one of them a U.")


class WordTaken(Refusal):
    """Another shared code of the organization is read the same."""

    code = "voucher_word_taken"
    field = "word"
    sentence = _("Another code is read the same. Choose another word.")


class PurchaseUnknown(InvalidInput):
    """The organization has no such purchase."""

    code = "purchase_unknown"
    field = "purchase"
    sentence = _("There is no such purchase.")

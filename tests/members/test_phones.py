import time

import pytest

from core.errors import TextNotAllowed
from members.errors import (
    PhoneCannotReceiveCodes,
    PhoneHasExtension,
    PhoneHasLetters,
    PhoneInvalid,
    PhoneNeedsCountry,
)
from members.phones import (
    e164,
    e164_for_codes,
    international,
    is_region,
    last_digits,
    mask_phone,
    sms_capable,
    typed_digits,
)

SIX_NOTATIONS = [
    "09123456789",
    "+98 912 345 6789",
    "00989123456789",
    "۰۹۱۲۳۴۵۶۷۸۹",
    "+98(0)912-345-6789",
    "\u200f0912\u200c345\u00a06789",
]


@pytest.mark.proves("input 1", "input 2", "input 3", "input 4", "input 5", "input 6", "input 11")
@pytest.mark.parametrize(
    ("why", "region", "typed", "phone"),
    [
        row
        for _input, *row in [
            (1, "Persian digits", "IR", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
            (2, "Arabic-Indic digits", "AE", "٠٥٠١٢٣٤٥٦٧", "+971501234567"),
            (3, "full width, plus included", "GB", "＋４４ ７４００ １２３４５６", "+447400123456"),
            (3, "full width, national", "JP", "０９０－１２３４－５６７８", "+819012345678"),
            (3, "Devanagari", "IN", "०९८७६५४३२१०", "+919876543210"),
            (3, "mathematical", "IR", "𝟎𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "+989123456789"),
            (4, "mixed scripts", "IR", "۰91۲٣45६789", "+989123456789"),
            (5, "non-joiner inside", "IR", "0912\u200c345\u200c6789", "+989123456789"),
            (5, "zero-width space", "IR", "0912\u200b3456789", "+989123456789"),
            (5, "marks around", "IR", "\u200f\u202a+989123456789\u202c", "+989123456789"),
            (6, "international prefix", "IR", "00989123456789", "+989123456789"),
            (6, "dashes", "IR", "0912-345-6789", "+989123456789"),
            (6, "en dashes and a minus", "IR", "0912–345−6789", "+989123456789"),
            (6, "trunk zero in parentheses", "IR", "+98(0)912 345 6789", "+989123456789"),
            (6, "no-break spaces", "IR", "+98\u00a0912\u00a0345\u00a06789", "+989123456789"),
            (6, "country code without plus", "GB", "447400123456", "+447400123456"),
            (6, "plus in parentheses", "GB", "(+44) 7400/123.456", "+447400123456"),
            (6, "00 where another prefix is used", "US", "00447400123456", "+447400123456"),
            (6, "a link", "GB", "tel:+44-7400-123456", "+447400123456"),
            (11, "international without a country", None, "+447400123456", "+447400123456"),
            (11, "00 without a country", None, "00447400123456", "+447400123456"),
        ]
    ],
)
def test_a_number_has_one_spelling(why, region, typed, phone):
    assert e164(typed, region=region) == phone


@pytest.mark.proves("input 12")
def test_six_notations_are_one_number():
    assert {e164(typed, region="IR") for typed in SIX_NOTATIONS} == {"+989123456789"}


@pytest.mark.proves(
    "input 7", "input 8", "input 9", "input 10", "input 14", "input 15", "input 20", "input 21"
)
@pytest.mark.parametrize(
    ("why", "typed", "refusal"),
    [
        row
        for _input, *row in [
            (7, "RFC 3966 extension", "+447400123456;ext=5", PhoneHasExtension),
            (7, "x", "07400123456x12", PhoneHasExtension),
            (7, "word", "07400 123456 ext. 5", PhoneHasExtension),
            (7, "hash", "07400123456#5", PhoneHasExtension),
            (8, "vanity number", "1-800-FLOWERS", PhoneHasLetters),
            (8, "full-width letters", "1-800-ＦＬＯＷ", PhoneHasLetters),
            (8, "a name", "Ada Lovelace", PhoneHasLetters),
            (9, "too short", "12345", PhoneInvalid),
            (9, "twenty digits", "07400123456074001234", PhoneInvalid),
            (9, "a country code alone", "+1", PhoneInvalid),
            (9, "nothing", "", PhoneInvalid),
            (9, "a plus alone", "+", PhoneInvalid),
            (9, "two pluses", "+44+7400123456", PhoneInvalid),
            (9, "nobody has such a number", "+441111111111", PhoneInvalid),
            (10, "no such country", "+999123456789", PhoneInvalid),
            (14, "emergency", "999", PhoneInvalid),
            (14, "short number", "118500", PhoneInvalid),
            (15, "superscript", "0740012345²", PhoneInvalid),
            (15, "fraction", "0740012345½", PhoneInvalid),
            (15, "circled", "0740012345①", PhoneInvalid),
            (15, "Roman numeral", "0740012345Ⅷ", PhoneInvalid),
            (15, "star", "*100#", PhoneInvalid),
            (20, "NUL", "0740012\0", TextNotAllowed),
            (20, "line break", "07400\n123456", TextNotAllowed),
            (21, "lone surrogate", "07400\ud800123456", TextNotAllowed),
        ]
    ],
)
def test_what_is_no_number_is_refused(why, typed, refusal):
    with pytest.raises(refusal):
        e164(typed, region="GB")


@pytest.mark.proves("input 11")
@pytest.mark.parametrize("region", [None, "", "ZZ", "gb", "United Kingdom"])
def test_a_national_number_needs_a_country(region):
    with pytest.raises(PhoneNeedsCountry):
        e164("07400 123456", region=region)


@pytest.mark.proves("input 14")
@pytest.mark.parametrize(
    ("why", "typed", "capable"),
    [
        ("mobile", "+447400123456", True),
        ("mobile or fixed, America does not tell", "+12015550123", True),
        ("fixed line", "+442079460958", False),
        ("premium rate", "+449012345678", False),
        ("toll free", "+448001234567", False),
    ],
)
def test_any_real_number_is_a_contact_and_only_mobile_ones_get_codes(why, typed, capable):
    phone = e164(typed, region="GB")

    assert sms_capable(phone) is capable


@pytest.mark.proves("input 14")
def test_a_code_is_not_sent_to_a_fixed_line():
    assert e164_for_codes("07400 123456", region="GB") == "+447400123456"

    with pytest.raises(PhoneCannotReceiveCodes):
        e164_for_codes("020 7946 0958", region="GB")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+989123456789", "+98912•••6789"),
        ("+447400123456", "+44740•••3456"),
        ("+3584012345", "+358•••2345"),
        ("+12015550123", "+1201•••0123"),
        ("", ""),
    ],
)
def test_a_masked_number_hides_at_least_three_digits(phone, masked):
    assert mask_phone(phone) == masked


def test_a_number_is_shown_in_groups_and_known_by_its_last_digits():
    assert international("+447400123456") == "+44 7400 123456"
    assert last_digits("+447400123456") == "3456"


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("۳۴۵۶", "3456"),
        (" 34-56 ", "3456"),
        ("+44 7400", "447400"),
        ("tel:+44-7400", "447400"),
        ("12a4", ""),
        ("", ""),
    ],
)
def test_digits_of_a_partial_number_are_read_like_those_of_a_whole_one(typed, digits):
    assert typed_digits(typed) == digits


@pytest.mark.proves("input 80")
@pytest.mark.parametrize("hostile", ["1" * 30_000, "x1" * 15_000, ";ext=" * 6_000, "(" * 30_000])
def test_thirty_kilobytes_are_refused_at_once(hostile):
    started = time.thread_time()

    with pytest.raises(PhoneInvalid):
        e164(hostile, region="GB")

    assert time.thread_time() - started < 0.05


def test_a_country_is_known_by_its_two_capitals():
    assert [is_region(region) for region in ("GB", "IR", "ZZ", None)] == [True, True, False, False]

import pytest

from core.errors import DigitsExpected, MixedScripts, StackedMarks, TextNotAllowed, TextTooLong
from core.text import (
    ascii_digits,
    caseless,
    clean_line,
    clean_user_name,
    is_single_script,
    typed_number,
    without_spaces,
)


@pytest.mark.proves("input 3", "input 4")
@pytest.mark.parametrize(
    ("why", "typed", "digits"),
    [
        ("Persian", "۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("Arabic-Indic", "٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("full width", "０１２３４５６７８９", "0123456789"),
        ("Devanagari", "०१२३४५६७८९", "0123456789"),
        ("mathematical", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "0123456789"),
        ("mixed with ASCII", "۰1٢３", "0123"),
        ("letters stay", "a۱b", "a1b"),
        ("superscripts are no decimal digits", "²½①Ⅷ", "²½①Ⅷ"),
    ],
)
def test_decimal_digits_of_any_script_become_ascii(why, typed, digits):
    assert ascii_digits(typed) == digits


@pytest.mark.proves("input 13")
@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("Persian", "۱۲۳۴۵۶"),
        ("full width", "１２３４５６"),
        ("copied with spaces and a dash", " 123-456\u200f"),
        ("in two groups", "123\u00a0456"),
    ],
)
def test_a_code_is_understood_in_any_script(why, typed):
    assert typed_number(typed) == "123456"


@pytest.mark.proves("input 15")
@pytest.mark.parametrize("typed", ["12345²", "½", "①②③④⑤⑥", "Ⅷ", "", "  ", "12a456", "1.5"])
def test_only_decimal_digits_make_a_code(typed):
    with pytest.raises(DigitsExpected):
        typed_number(typed)


@pytest.mark.proves("input 5")
def test_spaces_and_invisible_characters_vanish_from_numbers():
    typed = "\u202a 09\u200c12\u200b345\u00a06\u20097\u30008\u200f9\u202c"

    assert without_spaces(typed) == "09123456789"


@pytest.mark.proves("input 20", "input 21")
@pytest.mark.parametrize("bad", ["a\0b", "\0", "a\ud800b", "\udfff"])
@pytest.mark.parametrize("read", [lambda text: clean_line(text, max_length=50), typed_number])
def test_nul_and_lone_surrogates_are_refused(read, bad):
    with pytest.raises(TextNotAllowed):
        read(bad)


@pytest.mark.proves("input 16")
@pytest.mark.parametrize(
    "bad", ["Ada\nLovelace", "Ada\r\nBcc: x", "a\x1b[31mred", "a\x7fb", "a\x85b"]
)
def test_control_characters_are_refused(bad):
    with pytest.raises(TextNotAllowed):
        clean_line(bad, max_length=50)


@pytest.mark.proves("input 16")
@pytest.mark.parametrize(
    ("why", "typed", "stored"),
    [
        ("right-to-left override", "\u202eadA\u202c", "adA"),
        ("isolates", "\u2066Ada\u2069", "Ada"),
        ("zero-width space and byte order mark", "A\u200bd\ufeffa", "Ada"),
        ("soft hyphen", "Ada\u00adLove", "AdaLove"),
        ("trailing line break of a copied cell", "Ada\n", "Ada"),
        ("spaces of any kind become one", " Ada \u00a0\u3000 L ", "Ada L"),
        ("joiner at the end", "Ada\u200d", "Ada"),
        ("decomposed letters are composed", "Ame\u0301lie", "Am\u00e9lie"),
        ("smuggled tags", "Ada\U000e0041\U000e0042", "Ada"),
        ("nothing to see", "\u200b\u200c\u200d\u2060", ""),
        ("a filler that looks empty", "\u3164", ""),
        ("an accent without a letter", "\u0301", ""),
    ],
)
def test_a_line_is_stored_as_it_looks(why, typed, stored):
    assert clean_line(typed, max_length=50) == stored


@pytest.mark.proves("input 110")
@pytest.mark.parametrize(
    "text",
    [
        "محمد\u200cرضا",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "1\ufe0f\u20e3",
        "สมชาย",
        "Nguyễn",
    ],
)
def test_joiners_marks_and_emoji_that_carry_meaning_are_kept(text):
    assert clean_line(text, max_length=50) == text


@pytest.mark.proves("input 16")
def test_four_marks_on_a_letter_are_writing_and_five_are_not():
    four = "x" + "\u0300" * 4

    assert clean_line(four, max_length=50) == four
    for stacked in (four + "\u0300", four + "\u200d\u0300", "Z" + "\u0335" * 500):
        with pytest.raises(StackedMarks):
            clean_line(stacked, max_length=600)


def test_a_line_as_long_as_its_field_fits_and_one_more_does_not():
    assert clean_line("x" * 50, max_length=50) == "x" * 50

    with pytest.raises(TextTooLong) as refusal:
        clean_line("x" * 51, max_length=50)

    assert refusal.value.data == {"limit": 50}


@pytest.mark.proves("input 18")
@pytest.mark.parametrize(
    ("why", "one", "other"),
    [
        ("composed and decomposed", "Am\u00e9lie", "Ame\u0301lie"),
        ("sharp s", "straße", "STRASSE"),
        ("dotted capital I, composed and not", "İ", "I\u0307"),
        ("full width", "Ａda", "ada"),
        ("Greek final sigma", "ΣΟΦΟΣ", "σοφος"),
    ],
)
def test_spellings_of_one_text_compare_equal(why, one, other):
    assert caseless(one) == caseless(other)


@pytest.mark.proves("input 17")
@pytest.mark.parametrize("name", ["p\u0430ul", "ada.\u03b1", "\u0410da", "ada\u0561"])
def test_a_user_name_of_mixed_alphabets_is_refused(name):
    with pytest.raises(MixedScripts):
        clean_user_name(name)


@pytest.mark.proves("input 17")
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ada.lovelace-1", "ada.lovelace-1"),
        ("ａｄａ۲", "ada2"),
        ("софья", "софья"),
        ("مینا", "مینا"),
        ("ひらがな漢字カー", "ひらがな漢字カー"),
        ("김金", "김金"),
        ("አበበ", "አበበ"),
    ],
)
def test_a_user_name_of_one_writing_system_is_accepted(typed, stored):
    assert clean_user_name(typed) == stored


def test_korean_and_japanese_letters_are_two_writing_systems():
    assert is_single_script("김カ") is False

import pytest

from core.errors import StackedMarks, TextNotAllowed, TextTooLong
from members.errors import NameEmpty
from members.names import LENGTH_MAX, clean_name, masked_name

EIGHTY_LETTERS = "Wolfeschlegelsteinhausenbergerdorff" * 2 + "Wolfeschle"


@pytest.mark.proves("input 110")
@pytest.mark.parametrize(
    "name",
    [
        "O'Connor",
        "Null",
        "True",
        "None",
        "Q",
        "李",
        EIGHTY_LETTERS,
        "محمد‌رضا",
        "عبد الرحمن",
        "สมชาย ใจดี",
        "👩‍🚀 Ada",
        "Nguyễn Thị Ánh",
        "Renée-Zoë d'Ångström, Jr.",
        "<b>Ada</b>",
        "{{7*7}}",
        "007",
    ],
)
def test_real_names_are_stored_unchanged(name):
    assert clean_name(name) == name


@pytest.mark.proves("input 16")
def test_direction_controls_are_taken_out_of_a_name():
    assert clean_name("\u202eadA\u202c Lovelace\u200e") == "adA Lovelace"


@pytest.mark.proves("input 16")
@pytest.mark.parametrize(
    "name", ["\u200b\u200c", "\u202e\u202c", "\u3164", "\u2800 \u2800", "\u0301"]
)
def test_a_name_that_shows_nothing_is_refused(name):
    with pytest.raises(NameEmpty):
        clean_name(name)


@pytest.mark.parametrize("name", ["", "   "])
def test_no_name_is_fine(name):
    assert clean_name(name) == ""


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        pytest.param("a" + "\u0300" * 500, StackedMarks, marks=pytest.mark.proves("input 16")),
        pytest.param("Ada\0", TextNotAllowed, marks=pytest.mark.proves("input 20")),
        pytest.param("Ada\ud800", TextNotAllowed, marks=pytest.mark.proves("input 21")),
        pytest.param("Ada\r\nSubject: x", TextNotAllowed),
        pytest.param("a" * (LENGTH_MAX + 1), TextTooLong),
    ],
)
def test_names_that_break_lines_or_screens_are_refused(name, refusal):
    with pytest.raises(refusal):
        clean_name(name)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Sara Mitchell", "Sara M."),
        ("Sara Jane van der Meer", "Sara M."),
        ("Sara", "Sara"),
        ("محمد‌رضا احمدی", "محمد‌رضا ا."),
        ("Ann x\u0323\u0302avier", "Ann x\u0323\u0302."),
        ("", ""),
    ],
)
def test_a_cashier_sees_the_first_word_and_an_initial(name, masked):
    assert masked_name(name) == masked

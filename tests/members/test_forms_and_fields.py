import pytest
from rest_framework import serializers

from members.fields import BirthdayField, CardField, EmailField, NameField, PhoneField
from members.forms import EnrollForm

KEY = "0123456789abcdef"


def test_a_phone_is_enough_to_enroll_at_the_till():
    form = EnrollForm({"phone": "07400 123456", "request_key": KEY})

    assert form.is_valid()
    assert form.cleaned_data == {"phone": "07400 123456", "request_key": KEY, "name": ""}
    assert [field.name for field in form.visible_fields()] == ["name"]


@pytest.mark.proves("input 20")
@pytest.mark.parametrize(
    ("why", "sent", "field"),
    [
        ("no phone", {"request_key": KEY}, "phone"),
        ("no key", {"phone": "07400 123456"}, "request_key"),
        ("NUL", {"phone": "0740\0", "request_key": KEY}, "phone"),
        ("a very long name", {"phone": "0", "request_key": KEY, "name": "x" * 151}, "name"),
    ],
)
def test_the_form_names_the_field_that_is_wrong(why, sent, field):
    assert list(EnrollForm(sent).errors) == [field]


class Person(serializers.Serializer):
    phone = PhoneField(required=False)
    email = EmailField(required=False)
    name = NameField(required=False, allow_blank=True)
    birthday = BirthdayField(required=False)
    card = CardField(required=False)


@pytest.mark.proves("input 1", "input 16", "input 111")
@pytest.mark.parametrize(
    ("field", "sent", "spelled"),
    [
        ("phone", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
        ("email", " Ada@Example.org ", "Ada@Example.org"),
        ("name", "\u202eAda\u202c", "Ada"),
        ("name", "", ""),
        ("birthday", "۱۹۹۲-2-29", "1992-02-29"),
        ("birthday", "12-10", "--12-10"),
        ("card", "29 0000 0000 001", "2900000000001"),
    ],
)
def test_a_field_answers_in_the_one_spelling(tehran, field, sent, spelled):
    person = Person(data={field: sent}, context={"organization": tehran})

    assert person.is_valid(), person.errors
    assert person.validated_data == {field: spelled}


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        pytest.param("phone", "0912x12", "phone_extension", marks=pytest.mark.proves("input 7")),
        pytest.param(
            "phone", "1-800-FLOWERS", "phone_letters", marks=pytest.mark.proves("input 8")
        ),
        pytest.param("phone", "12345", "phone_invalid", marks=pytest.mark.proves("input 9")),
        ("phone", True, "invalid"),
        ("phone", {"a": 1}, "invalid"),
        ("phone", None, "null"),
        ("email", "ada", "email_invalid"),
        pytest.param("name", "\u200b", "name_empty", marks=pytest.mark.proves("input 16")),
        ("birthday", "soon", "birthday_invalid"),
        ("card", "2900000000002", "card_invalid"),
    ],
)
def test_a_field_says_what_is_wrong_by_its_code(tehran, field, sent, code):
    person = Person(data={field: sent}, context={"organization": tehran})

    assert not person.is_valid()
    assert [error.code for error in person.errors[field]] == [code]

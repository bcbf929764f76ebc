def test_x():
    from django.utils.translation import gettext
    assert gettext("x")=="x"

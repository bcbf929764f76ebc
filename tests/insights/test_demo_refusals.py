"""When the demo says no, nothing is there that was not there before."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from core.models import Organization
from insights.demo import shop
from insights.services.demo_receipts import is_installed

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not is_installed(), reason="the extra `demo` is not installed"),
]


@override_settings(PRODUCTION=True)
def test_production_is_refused_and_stays_empty():
    with pytest.raises(CommandError, match="--yes-really"):
        call_command("demo")

    assert not Organization.objects.exists()


def test_a_shop_that_has_the_name_already_is_left_alone():
    mine = Organization.objects.create(
        name="Mine", slug=shop.SLUG, currency="GBP", country="GB", time_zone="Europe/London"
    )

    with pytest.raises(CommandError, match=shop.SLUG):
        call_command("demo", "--households", "1")

    assert list(Organization.objects.all()) == [mine]


@pytest.mark.parametrize("households", ["0", "801"])
def test_a_size_that_there_are_no_people_for_is_refused(households):
    with pytest.raises(CommandError, match="1 to 800"):
        call_command("demo", "--households", households)

    assert not Organization.objects.exists()

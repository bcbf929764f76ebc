from datetime import timedelta

import pytest
from django.utils import timezone

from loyalty.models import Return
from tests.rewards.receipts import receipt


@pytest.mark.proves("input 32")
def test_a_return_from_the_future_is_refused_and_nothing_comes_back(shop, member, api):
    bought = api("POST", "purchases", receipt()).json()
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    back = {"external_id": "R1", "occurred_at": tomorrow, "lines": [{"line": 1, "quantity": "1"}]}

    answer = api("POST", f"purchases/{bought['id']}/returns", back)

    assert (answer.status_code, answer.json()["code"]) == (400, "future_date")
    assert list(Return.objects.all()) == []

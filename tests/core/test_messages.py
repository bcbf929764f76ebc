import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core.models import Organization, OutgoingMessage
from core.nudges import Bell
from core.services.messages import Letter, forget_old_messages, send_due_messages, send_later
from tests.racing import race
from tests.tills import text_of

SMS, EMAIL = OutgoingMessage.Channel.SMS, OutgoingMessage.Channel.EMAIL
START = "2026-03-02T09:00:00Z"


@pytest.fixture
def organization(db):
    return Organization.objects.create(
        name="Bean", slug="bean", currency="GBP", country="GB", time_zone="Europe/London"
    )


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def gateway(settings):
    """An SMS gateway on this machine, which keeps what it was told and answers as it is set."""
    kept = SimpleNamespace(requests=[], status=204, location=None)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.requests.append((dict(self.headers), json.loads(body)))
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.end_headers()

        def log_message(self, *_said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/send"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


def write(organization, **said):
    letter = Letter(**{"channel": SMS, "to": "+447400123456", "text": "123456", **said})
    with transaction.atomic():
        return send_later(organization_id=organization.pk, letter=letter)


def state(message):
    message.refresh_from_db()
    return (message.text, message.attempts, message.last_error, message.sent_at is not None)


def test_a_message_is_posted_to_the_gateway_and_then_forgets_its_text(
    organization, gateway, settings
):
    settings.SMS_GATEWAY_TOKEN = "secret"
    message = write(organization)

    assert send_due_messages() == 1

    [(headers, body)] = gateway.requests
    assert body == {"id": str(message.public_id), "to": "+447400123456", "text": "123456"}
    assert headers["Authorization"] == "Bearer secret"
    assert state(message) == ("", 1, "", True)
    assert send_due_messages() == 0


def test_an_email_goes_through_the_mail_server(organization, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    message = write(organization, channel=EMAIL, to="ada@example.org", subject="Your code")

    assert send_due_messages() == 1

    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ada@example.org"], "Your code", "123456")
    assert state(message) == ("", 1, "", True)


def test_without_a_gateway_a_trial_records_messages_for_its_outbox(organization):
    message = write(organization)

    assert send_due_messages() == 0

    assert state(message) == ("123456", 1, "", False)
    assert message.over_at is not None


def test_in_production_a_message_without_a_way_is_given_up_and_blanked(
    organization, settings, clock
):
    settings.PRODUCTION = True
    message = write(organization)
    for _try in range(6):
        send_due_messages()
        clock.shift(10 * 60 * 60)

    assert state(message) == ("", 6, "no SMS_GATEWAY_URL", False)
    assert message.over_at is not None


def test_a_gateway_that_fails_is_asked_again_later_and_later(organization, gateway, clock):
    gateway.status = 500
    message = write(organization)
    waits = []
    for _try in range(4):
        send_due_messages()
        message.refresh_from_db()
        waits.append(round((message.next_try_at - timezone.now()).total_seconds()))
        clock.shift(waits[-1])
    gateway.status = 200

    assert waits == [15, 60, 240, 960]
    assert message.last_error == "HTTPError 500"
    assert send_due_messages() == 1
    assert len({body["id"] for _headers, body in gateway.requests}) == 1


def test_a_gateway_that_sends_us_elsewhere_is_not_followed(organization, gateway, clock):
    gateway.status, gateway.location = 307, "http://127.0.0.1:1/elsewhere"
    message = write(organization)

    assert send_due_messages() == 0

    assert state(message) == ("123456", 1, "HTTPError 307", False)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://sms.example/send", "ftp://sms.example", "file:///etc/passwd"]
)
def test_codes_do_not_travel_in_the_clear(organization, settings, url):
    settings.SMS_GATEWAY_URL = url
    message = write(organization)

    assert send_due_messages() == 0
    assert state(message) == ("123456", 1, "SMS_GATEWAY_URL is not https", False)


def test_a_gateway_that_is_down_is_a_failure_and_no_crash(organization, settings):
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:1/send"
    message = write(organization)

    assert send_due_messages() == 0
    assert state(message) == ("123456", 1, "URLError", False)


def test_what_came_too_late_is_not_sent(organization, gateway, clock):
    message = write(organization, worthless_at=timezone.now() + timedelta(minutes=5))
    clock.shift(301)

    assert send_due_messages() == 0
    assert state(message) == ("", 0, "came too late", False)
    assert gateway.requests == []


def test_a_message_goes_with_its_cause_or_not_at_all(organization):
    with transaction.atomic():
        write(organization)
        transaction.set_rollback(True)

    assert OutgoingMessage.objects.count() == 0


def test_old_messages_are_blanked_and_then_deleted(organization, clock):
    message = write(organization)
    send_due_messages()
    clock.shift(25 * 60 * 60)
    forget_old_messages()

    assert state(message)[0] == ""
    clock.shift(30 * 24 * 60 * 60)
    forget_old_messages()
    assert OutgoingMessage.objects.count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_send_each_message_once(organization, gateway):
    for number in range(45):
        write(organization, to=f"+4474001{number:05}")

    assert sum(race(*[send_due_messages] * 3)) == 45
    assert len({body["to"] for _headers, body in gateway.requests}) == len(gateway.requests) == 45


def test_the_round_is_bounded(organization, gateway):
    for number in range(5):
        write(organization, to=f"+4474001{number:05}")

    assert send_due_messages(chunk=2, chunks_max=2) == 4


def test_the_outbox_shows_what_was_said(organization):
    write(organization, text="123456 is your code")

    page = Client().get("/outbox/")

    assert page.status_code == 200
    assert "123456 is your code" in text_of(page)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PRODUCTION", True), ("SMS_GATEWAY_URL", "https://sms.example"), ("EMAIL_URL", "smtp://a")],
)
def test_the_outbox_is_gone_where_messages_are_really_sent(organization, settings, name, value):
    setattr(settings, name, value)

    assert Client().get("/outbox/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_outbox_asks_the_same_number_of_questions(
    organization, count, django_assert_num_queries
):
    for _message in range(count):
        write(organization)

    with django_assert_num_queries(1):
        Client().get("/outbox/")


def test_a_task_is_asked_for_at_most_once_in_a_while():
    sent = []
    bell = Bell(sent.append, pause=0.05)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(bell.ring, ["core.send_messages"] * 50))
    wait_until(lambda: sent)

    assert set(sent) == {"core.send_messages"}
    assert len(sent) <= 3


def test_a_broker_that_is_down_disturbs_nobody():
    asked = []

    def refuse(task):
        asked.append(task)
        raise ConnectionError

    bell = Bell(refuse, pause=0.01)
    bell.ring("core.send_messages")
    wait_until(lambda: len(asked) == 1)
    bell.ring("core.send_messages")
    wait_until(lambda: len(asked) == 2)

    assert asked == ["core.send_messages"] * 2


def wait_until(said, patience=200):
    for _moment in range(patience):
        if said():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")

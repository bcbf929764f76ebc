"""Many calls in one request: each is made by itself, and each has its own answer."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import structlog
from django.core.handlers.wsgi import WSGIRequest
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from core.api.answers import Told
from core.api.errors import InternalFault
from core.api.fields import StrictText
from core.api.problems import REPLAYED, problem_response, refusal_for_status
from core.api.serializers import StrictSerializer
from core.api.urls import call_at
from core.api.views import TenantAPIView
from core.idempotency import KEY_LENGTH_MAX, KEY_LENGTH_MIN
from core.metrics import REQUESTS

CALLS_MAX = 100
PATH_LENGTH_MAX = 200
PATH = r"\A(?:[A-Za-z0-9_.~+-]+/)*[A-Za-z0-9_.~+-]+/?\Z"
PREFIX = "/api/v1/"

_log = structlog.get_logger(__name__)


class SentObject(serializers.DictField):
    """A JSON object, read by the call that it is for."""

    default_error_messages = {"not_a_dict": _("Send a JSON object.")}


class CallPath(StrictText):
    """The address of a call below `/api/v1/`."""

    default_error_messages = {"batch_within_batch": _("A batch does not go into a batch.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=PATH_LENGTH_MAX, **options)
        self.validators.append(RegexValidator(PATH))

    def run_validation(self, data: Any = empty) -> Any:
        """Refuse what is no address, and a batch within a batch."""
        path = super().run_validation(data)
        found = call_at(f"{PREFIX}{path}")
        if found is not None and getattr(found.func, "cls", None) is BatchesView:
            self.fail("batch_within_batch")
        return path


class CallBody(StrictSerializer):
    """One POST: its address below `/api/v1/`, its own key, and its body."""

    path = CallPath(help_text="Such as `redemptions/`, without a query.")
    idempotency_key = StrictText(
        min_length=KEY_LENGTH_MIN,
        max_length=KEY_LENGTH_MAX,
        required=False,
        help_text="The `Idempotency-Key` of this call; those that take none may leave it out.",
    )
    body = SentObject()


class BatchBody(StrictSerializer):
    """Calls in the order in which they are made."""

    calls = CallBody(many=True, min_length=1, max_length=CALLS_MAX)  # type: ignore[call-arg]


class CallAnswer(serializers.Serializer):
    """What one call would have been answered by itself."""

    status = serializers.IntegerField()
    replayed = serializers.BooleanField(help_text="Worked out before, under the same key.")
    body = serializers.DictField()


class BatchAnswer(serializers.Serializer):
    """One answer for each call, in their order."""

    answers = CallAnswer(many=True)


class BatchesView(TenantAPIView):
    """Many calls in one request."""

    scopes: ClassVar = {"post": None}
    bodies: ClassVar = {"post": BatchBody}
    answers: ClassVar = {"post": {200: BatchAnswer}}
    # What must not happen twice is each of the calls, and each has its own key.
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> HttpResponse:
        """Make up to 100 calls one after the other; what one is refused does not stop the next.

        Each call goes through its own door: its scope, its key, its transaction, its place in the
        rate of the API key. The status is 200 however the calls went; look at each answer.
        """
        return Told({"answers": [_made(self.http, call) for call in self.read()["calls"]]})


def _made(batch: HttpRequest, call: Mapping[str, Any]) -> dict[str, Any]:
    answer = _asked(_request_of(batch, call))
    return {
        "status": answer.status_code,
        "replayed": answer.headers.get(REPLAYED) == "true",
        "body": json.loads(answer.content),
    }


def _asked(request: HttpRequest) -> HttpResponse:
    """Take a call to its view; an accident in it is its own."""
    match = call_at(request.path_info)
    if match is None:
        return problem_response(refusal_for_status(404))
    request.resolver_match = match
    try:
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception:  # noqa: BLE001 whatever it was, the other calls have their answers
        _log.exception("call_failed", route=match.view_name)
        answer = problem_response(InternalFault())
    REQUESTS.labels(match.view_name, request.method, answer.status_code).inc()
    return answer


def _request_of(batch: HttpRequest, call: Mapping[str, Any]) -> HttpRequest:
    """Return the request that the caller would have made for this call alone."""
    body = json.dumps(call["body"], ensure_ascii=False).encode()
    environ = {
        **batch.META,
        "PATH_INFO": f"{PREFIX}{call['path']}",
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_IDEMPOTENCY_KEY": call.get("idempotency_key", ""),
        "wsgi.input": io.BytesIO(body),
    }
    return WSGIRequest(environ)

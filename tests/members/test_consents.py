import pytest
from django.db import DatabaseError, transaction

from core.actors import staff_actor
from core.errors import TextTooLong
from core.models import AuditRecord
from members.errors import ConsentInvalid, MemberClosed
from members.models import Consent, Member, MemberStatus, Source
from members.services.consents import ConsentGiven, record_consent

YES = ConsentGiven("email", "marketing", text_version="2026-01")
NO = ConsentGiven("email", "marketing", text_version="2026-01", granted=False)


def say(member, given):
    return record_consent(
        member_id=member.pk, given=given, source=Source.OFFICE, actor=staff_actor(5)
    )


def test_every_answer_is_kept_in_order(ada):
    say(ada, YES)
    say(ada, NO)

    log = ada.consents.order_by("pk")
    assert list(log.values_list("channel", "purpose", "granted", "text_version")) == [
        ("email", "marketing", True, "2026-01"),
        ("email", "marketing", False, "2026-01"),
    ]
    assert set(log.values_list("source", "by")) == {("office", "staff:5")}
    assert AuditRecord.objects.filter(verb="consented", subject_id=ada.pk).count() == 2


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (ConsentGiven("pigeon", "marketing", "1"), ConsentInvalid),
        (ConsentGiven("sms", "everything", "1"), ConsentInvalid),
        (ConsentGiven("sms", "marketing", ""), ConsentInvalid),
        (ConsentGiven("sms", "marketing", "x" * 41), TextTooLong),
    ],
)
def test_a_consent_that_makes_no_sense_is_refused(ada, given, refusal):
    with pytest.raises(refusal) as refused:
        say(ada, given)

    assert refused.value.field == "consents"
    assert Consent.objects.count() == 0


def test_a_merged_member_agrees_to_nothing(join, ada):
    gone = join(phone="07400 654321").member
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=ada)

    with pytest.raises(MemberClosed):
        say(gone, YES)

    assert Consent.objects.count() == 0


@pytest.mark.parametrize(
    "rewrite", [lambda log: log.update(granted=False), lambda log: log.delete()]
)
def test_the_log_cannot_be_rewritten(ada, rewrite):
    say(ada, YES)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rewrite(Consent.objects.all())

    assert list(Consent.objects.values_list("granted", flat=True)) == [True]

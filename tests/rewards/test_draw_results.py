"""Drawings: who is left out, who wins, who comes next, and nobody twice."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord, OutboxEvent
from loyalty.models import Grant
from loyalty.services.member_merges import merge_members
from members.models import Member
from members.services.blocking import block_member
from members.services.groups import create_group, join_group
from rewards.draw_errors import (
    DrawAlreadyDrawn,
    DrawCanceled,
    DrawNotClosed,
    NoAlternateLeft,
    NothingToPassOn,
    PrizeUsed,
    PublicTextMissing,
    PublicTextNotPromised,
)
from rewards.drawing.entries import pseudonym_of
from rewards.drawing.proof import differences
from rewards.models import Draw, DrawResult, DrawTicket, Voucher
from rewards.services import draw_reading
from rewards.services.draw_canceling import cancel_draw
from rewards.services.draw_settings import open_draw
from rewards.services.draw_winning import draw_winners, pass_on
from rewards.services.vouchers import Use, use_voucher
from tests.draws import a_draw, by_hand, closed, crowd, drawn, opened
from tests.offices import hire
from tests.shops import assert_audit_is_clean


def document_of(draw):
    """What can be downloaded of the draw as it stands now."""
    return draw_reading.document_of(Draw.objects.get(pk=draw.pk))


def results(draw):
    return list(DrawResult.objects.filter(draw=draw).order_by("rank"))


def passed_on(result, key="p1"):
    return pass_on(result_id=result.pk, reason="No answer", actor=SYSTEM, request_key=key)


def test_the_winners_get_their_prizes_as_vouchers(shop):
    hamper, jam = shop.reward(500, name="Hamper"), shop.reward(80, name="Jam")
    prizes = ({"reward": hamper.code, "count": 1}, {"reward": jam.code, "count": 2})
    draw, _members = crowd(shop, 6, prizes=prizes, alternates=1)

    drawn(draw)

    found = results(draw)
    assert [(one.kind, one.prize, one.gets) for one in found] == [
        ("winner", hamper.code, hamper.code),
        ("winner", jam.code, jam.code),
        ("winner", jam.code, jam.code),
        ("alternate", "", ""),
    ]
    assert len({one.member_id for one in found}) == 4
    won = {
        (voucher.redemption.member_id, voucher.redemption.reward_id)
        for voucher in Voucher.objects.select_related("redemption")
    }
    assert won == {
        (one.member_id, hamper.pk if one.prize == hamper.code else jam.pk) for one in found[:3]
    }
    assert {grant.cause for grant in Grant.objects.all()} == {"draw_result"}
    assert AuditRecord.objects.filter(verb="drew").count() == 1
    assert OutboxEvent.objects.filter(kind="draw.drawn").count() == 1
    assert differences(document_of(draw)) == []
    assert_audit_is_clean()


def test_a_draw_without_tickets_is_drawn_and_nobody_wins(shop):
    draw = drawn(opened(shop))

    assert results(draw) == []
    assert differences(document_of(draw)) == []


@pytest.mark.parametrize(
    ("before", "refusal"),
    [
        (lambda _draw: None, DrawNotClosed),
        (drawn, DrawAlreadyDrawn),
        (lambda draw: cancel_draw(draw_id=draw.pk, reason="x", actor=SYSTEM), DrawCanceled),
    ],
)
def test_only_a_closed_draw_is_drawn_and_only_once(shop, member, before, refusal):
    draw = opened(shop)
    by_hand(draw, member)
    before(draw)
    found = results(draw)

    with pytest.raises(refusal):
        draw_winners(draw_id=draw.pk, public_text="", actor=SYSTEM, request_key="again")

    assert results(draw) == found


def test_a_public_text_is_used_where_it_was_promised_and_nowhere_else(shop):
    promised, _ = crowd(shop, public_source="The lottery's numbers of 6 July")
    other = opened(shop)
    closed(promised)
    closed(other)

    with pytest.raises(PublicTextMissing):
        draw_winners(draw_id=promised.pk, public_text=" ", actor=SYSTEM, request_key="k1")
    with pytest.raises(PublicTextNotPromised):
        draw_winners(draw_id=other.pk, public_text="3", actor=SYSTEM, request_key="k2")

    drawn(promised, "3 9 17")
    assert document_of(promised)["public_text"] == "3 9 17"
    assert differences(document_of(promised)) == []


# --- who cannot win ---------------------------------------------------------------------------


def standings(draw):
    return dict(DrawTicket.objects.filter(draw=draw).values_list("member_id", "standing"))


def test_staff_groups_and_the_last_winners_are_left_out(shop):
    earlier, members = crowd(shop, 5)
    drawn(earlier)
    [winner] = results(earlier)
    rest = [one for one in members if one.pk != winner.member_id]
    hire(shop.organization, email="ada@example.com")
    Member.objects.filter(pk=rest[0].pk).update(
        email="Ada@example.com", email_key="ada@example.com"
    )
    group = create_group(
        organization_id=shop.organization.pk, name="Friends", code="friends", actor=SYSTEM
    )
    join_group(group_id=group.pk, member_ids=[rest[1].pk], actor=SYSTEM)
    draw = opened(shop, groups_out=(group.code,), winners_out_of=1, alternates=9)
    for member in members:
        by_hand(draw, member, 3)

    drawn(draw)

    assert standings(draw) == {
        winner.member_id: "winner",
        rest[0].pk: "staff",
        rest[1].pk: "group",
        rest[2].pk: "in",
        rest[3].pk: "in",
    }
    found = results(draw)
    assert {one.member_id for one in found if one.kind != "skipped"} == {rest[2].pk, rest[3].pk}
    assert {(one.member_id, one.reason) for one in found if one.kind == "skipped"} == {
        (winner.member_id, "winner"),
        (rest[0].pk, "staff"),
        (rest[1].pk, "group"),
    }
    assert differences(document_of(draw)) == []
    assert_audit_is_clean()


def test_who_is_blocked_or_gave_tickets_back_after_the_closing_is_passed_over(shop):
    draw, members = crowd(shop, 3, alternates=5)
    closed(draw)
    block_member(member_id=members[0].pk, reason="x", actor=SYSTEM)
    DrawTicket.objects.filter(member=members[1]).update(canceled_at=timezone.now())

    drawn(draw)

    found = {one.member_id: (one.kind, one.reason) for one in results(draw)}
    assert found == {
        members[0].pk: ("skipped", "gone"),
        members[1].pk: ("skipped", "canceled"),
        members[2].pk: ("winner", ""),
    }
    document = document_of(draw)
    assert sorted(document["left_out_since"]) == [[1, "gone"], [3, "canceled"]]
    assert differences(document) == []


def test_the_pseudonym_in_the_list_is_the_one_that_the_member_is_told(shop, member):
    draw = opened(shop)
    by_hand(draw, member)
    closed(draw)

    [listed] = DrawTicket.objects.values_list("pseudonym", flat=True)
    assert listed == pseudonym_of(bytes(draw.secret.salt), member.public_id)


def test_who_was_merged_is_one_person_in_the_list_and_wins_once(shop):
    draw, members = crowd(shop, 2, alternates=5)
    merge_members(
        organization_id=shop.organization.pk,
        kept_id=members[0].pk,
        merged_id=members[1].pk,
        actor=SYSTEM,
        request_key="merge",
    )

    drawn(draw)

    assert len(set(DrawTicket.objects.values_list("pseudonym", flat=True))) == 1
    [won] = results(draw)
    assert (won.kind, won.member_id) == ("winner", members[0].pk)
    assert Voucher.objects.get().redemption.member_id == members[0].pk
    assert_audit_is_clean()


# --- prizes that are passed on ----------------------------------------------------------------


def test_a_prize_nobody_claims_goes_to_the_next_alternate_and_only_there(shop):
    draw, _members = crowd(shop, 4, alternates=2)
    drawn(draw)
    winner, first, second = results(draw)

    passed_on(winner)
    with pytest.raises(NothingToPassOn):
        passed_on(winner, "p2")
    passed_on(DrawResult.objects.get(pk=first.pk), "p3")
    with pytest.raises(NoAlternateLeft):
        passed_on(DrawResult.objects.get(pk=second.pk), "p4")

    assert [(one.gets, one.passed_on_at is None) for one in results(draw)] == [
        (winner.prize, False),
        (winner.prize, False),
        (winner.prize, True),
    ]
    assert [one.takes_over_id for one in results(draw)] == [None, winner.pk, first.pk]
    standing = Voucher.objects.exclude(status="canceled").select_related("redemption")
    assert [voucher.redemption.member_id for voucher in standing] == [second.member_id]
    assert differences(document_of(draw)) == []
    assert_audit_is_clean()


def test_a_prize_that_was_used_stays(shop):
    draw, _members = crowd(shop, 4, alternates=1)
    drawn(draw)
    use_voucher(voucher_id=Voucher.objects.get().pk, use=Use(request_key="u1"), actor=SYSTEM)

    with pytest.raises(PrizeUsed):
        passed_on(results(draw)[0])

    assert Voucher.objects.get().status == "used"
    assert results(draw)[1].gets == ""


def test_an_alternate_who_is_blocked_is_left_out(shop):
    draw, _members = crowd(shop, 4, alternates=2)
    drawn(draw)
    winner, first, second = results(draw)
    block_member(member_id=first.member_id, reason="x", actor=SYSTEM)

    assert passed_on(winner).pk == second.pk


# --- the seed ---------------------------------------------------------------------------------


def everything_stored_but(table):
    """Every row of every table as text, without that one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> %s",
            [table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT to_jsonb(one)::text FROM {name} one")
            yield from (row[0] for row in cursor.fetchall())


def test_the_seed_stands_nowhere_else_before_the_drawing(shop, member, caplog):
    draw = open_draw(draw_id=a_draw(shop).pk, actor=SYSTEM)
    by_hand(draw, member)
    closed(draw)
    seed = bytes(draw.secret.seed)

    stored = "\n".join(everything_stored_but("rewards_drawsecret"))

    assert draw.commitment in stored
    assert seed.hex() not in stored
    assert seed.hex() not in json.dumps(document_of(draw))
    assert document_of(draw)["seed"] is None
    assert seed.hex() not in caplog.text

"""Draws in the office and the club: every step by its button, and everything there is to see."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from core.actors import SYSTEM
from core.models.people import Role
from loyalty.errors import ProgramInvalid
from loyalty.services.programs import dump_program, load_program
from rewards.drawing.proof import differences
from rewards.drawing.snippet import SNIPPET
from rewards.models import Draw, DrawResult, DrawTicket
from tests.clubs import at, club_of
from tests.draws import a_draw, by_hand, closed, drawn, opened
from tests.offices import keyed, office_of
from tests.shops import open_shop


@pytest.fixture
def office(shop):
    return office_of(shop.organization)


def page(shop, draw=None, more=""):
    named = f"{draw.public_id}/" if draw else ""
    return f"/office/{shop.organization.slug}/draws/{named}{more}"


def soon(days=7):
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def typed(shop, **more):
    return keyed(
        program=shop.program.public_id,
        name="Sommer – draw",
        closes_at=soon(),
        reward_0=more.pop("reward", None) or shop.reward(500).code,
        count_0="2",
        alternates="1",
        wins_once="on",
        leaves_out_staff="on",
        **more,
    )


def test_a_draw_goes_its_whole_way_in_the_office(shop, office):
    members = [shop.member(f"+4474001300{n:02}", name=f"Pat {n}") for n in range(4)]

    written = office.post(page(shop, more="new/"), typed(shop), follow=True)
    draw = Draw.objects.get()
    assert (draw.code, draw.status, draw.alternates) == ("sommer-draw", "draft", 1)
    assert b"Draft" in written.content

    office.post(page(shop, draw, "edit/"), typed(shop, description="Two hampers"))
    office.post(page(shop, draw, "open/"), keyed())
    for member in members:
        office.post(
            page(shop, draw, "tickets/"), keyed(member=member.phone, tickets="3", reason="Wheel")
        )
    office.post(page(shop, draw, "close/"), keyed())
    office.post(page(shop, draw, "draw/"), keyed())
    shown = office.get(page(shop, draw)).content.decode()

    draw.refresh_from_db()
    assert (draw.status, draw.description, draw.last_number) == ("drawn", "Two hampers", 12)
    winners = list(DrawResult.objects.order_by("rank"))
    assert [one.kind for one in winners] == ["winner", "winner", "alternate"]
    assert all(one.member.name in shown for one in winners)

    office.post(page(shop, draw, "results/1/pass-on/"), keyed(reason="No answer"))
    again = office.get(page(shop, draw)).content.decode()
    assert "passed on: No answer" in again
    assert DrawResult.objects.get(rank=3).gets == winners[0].gets


def test_a_form_that_is_sent_twice_acts_once(shop, office, member):
    draw = opened(shop)
    form = keyed(member=member.phone, tickets="3", reason="Wheel")

    for _ in range(2):
        office.post(page(shop, draw, "tickets/"), form)

    assert DrawTicket.objects.count() == 1


def test_what_cannot_be_is_said_beside_its_field(shop, office):
    wrong = typed(shop, opens_at=soon(9)) | {"reward_0": "", "count_0": "x"}
    shown = office.post(page(shop, more="new/"), wrong).content.decode()

    assert "Let the draw close after it opens." in shown
    assert not Draw.objects.exists()

    draw = opened(shop)
    answer = office.post(
        page(shop, draw, "tickets/"), keyed(member="+447400999999", tickets="1", reason="x")
    )
    assert "Nobody was found." in answer.content.decode()
    refused = office.post(page(shop, draw, "draw/"), keyed(), follow=True).content.decode()
    assert "Close the draw first." in refused


def test_a_canceled_draw_says_why(shop, office):
    draw = opened(shop)

    office.post(page(shop, draw, "cancel/"), keyed(reason=" "))
    assert Draw.objects.get().status == "open"
    shown = office.post(page(shop, draw, "cancel/"), keyed(reason="Flood"), follow=True)

    assert "Flood" in shown.content.decode()


def test_an_analyst_looks_and_changes_nothing(shop):
    draw = opened(shop)
    by_hand(draw, shop.member(name="Mina Kader"))
    drawn(draw)
    analyst = office_of(shop.organization, Role.ANALYST)

    shown = analyst.get(page(shop, draw)).content.decode()

    assert "Mina Kader" not in shown
    assert analyst.post(page(shop, draw, "cancel/"), keyed(reason="x")).status_code == 403
    assert analyst.get(page(shop, more="new/")).status_code == 403
    assert office_of(shop.organization, Role.CASHIER).get(page(shop)).status_code == 403


@pytest.mark.proves("X4")
def test_a_draw_of_another_organization_is_not_there(shop, office):
    other = open_shop("low-road")
    theirs = opened(other)
    by_hand(theirs, other.member())
    drawn(theirs)
    mine = shop.member()
    club = club_of(mine)

    for more in ("", "edit/", "document/"):
        assert office.get(page(shop, theirs, more)).status_code == 404
    for more in ("open/", "close/", "draw/", "cancel/", "tickets/", "results/1/pass-on/"):
        assert office.post(page(shop, theirs, more), keyed()).status_code == 404
    for more in ("", "document/"):
        address = at(shop.organization, f"draws/{theirs.public_id}/{more}")
        assert club.get(address).status_code == 404
    assert Draw.objects.get().status == "drawn"


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_however_long_they_are(shop, rows, django_assert_num_queries):
    member = shop.member()
    for number in range(rows):
        for draw in (opened(shop), opened(shop)):
            by_hand(draw, member, 2)
            if number % 2:
                drawn(draw)
    drawn(Draw.objects.filter(status="open").first())
    office, club = office_of(shop.organization), club_of(member)
    office.get(page(shop))
    club.get(at(shop.organization, "draws/"))

    with django_assert_num_queries(OFFICE_QUERIES):
        office.get(page(shop))
    with django_assert_num_queries(CLUB_QUERIES):
        club.get(at(shop.organization, "draws/"))


OFFICE_QUERIES = 5
CLUB_QUERIES = 15


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_a_draw_asks_the_same_for_any_number_of_winners(
    shop, rows, django_assert_num_queries
):
    prizes = ({"reward": shop.reward(5).code, "count": rows},)
    draw = opened(shop, prizes=prizes)
    members = [shop.member(f"+4474001300{n:02}") for n in range(rows)]
    for member in members:
        by_hand(draw, member, 2)
    drawn(draw)
    office, club = office_of(shop.organization), club_of(members[0])
    office.get(page(shop, draw))
    club.get(at(shop.organization, f"draws/{draw.public_id}/"))

    with django_assert_num_queries(10):
        office.get(page(shop, draw))
    with django_assert_num_queries(13):
        club.get(at(shop.organization, f"draws/{draw.public_id}/"))


# --- the club ---------------------------------------------------------------------------------


def test_a_member_sees_their_tickets_the_odds_and_how_to_check(shop, member):
    draw = opened(shop)
    by_hand(draw, member, 3)
    by_hand(draw, shop.member("+447400123499"), 7)
    club = club_of(member)
    address = at(shop.organization, f"draws/{draw.public_id}/")

    listed = club.get(at(shop.organization, "draws/")).content.decode()
    before = club.get(address).content.decode()

    assert "You have 3 tickets" in listed
    assert "of 10 in all" in listed
    assert "1–3" in before
    assert draw.commitment in before
    assert SNIPPET.splitlines()[0] not in before

    drawn(draw)
    after = club.get(address).content.decode()

    listed = DrawTicket.objects.get(member=member).pseudonym
    assert listed in before
    assert listed in after
    assert "import hashlib, json, sys" in after
    assert ("You won" in after) == (DrawResult.objects.get().member_id == member.pk)


def test_drafts_and_canceled_draws_are_nobodys_business(shop, member):
    draft, canceled = a_draw(shop), opened(shop)
    Draw.objects.filter(pk=canceled.pk).update(status="canceled", canceled_at=timezone.now())
    club = club_of(member)

    for draw in (draft, canceled):
        for more in ("", "document/"):
            address = at(shop.organization, f"draws/{draw.public_id}/{more}")
            assert club.get(address).status_code == 404
    assert "No prize draws just now" in club.get(at(shop.organization, "draws/")).content.decode()


def test_anybody_downloads_what_checks_the_draw_and_it_names_nobody(shop, member, tmp_path):
    draw = opened(shop)
    by_hand(draw, member, 3)
    drawn(draw)
    address = at(shop.organization, f"draws/{draw.public_id}/document/")

    answer = Client().get(address)

    assert answer["Content-Disposition"] == f'attachment; filename="draw-{draw.code}.json"'
    document = answer.json()
    assert differences(document) == []
    text = answer.content.decode()
    assert member.name not in text
    assert str(member.public_id) not in text
    assert member.phone not in text
    file = tmp_path / "draw.json"
    file.write_bytes(answer.content)
    assert said(file) == (0, "This draw is in order.\n")
    document["results"][0]["number"] = document["results"][0]["number"] % 3 + 1
    file.write_text(json.dumps(document), "utf-8")
    assert said(file)[0] == 1
    assert said("--organization", shop.organization.slug, "--draw", draw.code)[0] == 0
    assert said("--organization", shop.organization.slug, "--draw", opened(shop).code)[0] == 1


def said(*arguments):
    out = StringIO()
    try:
        call_command("verify_draw", *map(str, arguments), stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_no_page_shows_the_seed_before_the_drawing(shop, member):
    draw = opened(shop)
    by_hand(draw, member)
    closed(draw)
    seed = bytes(draw.secret.seed)
    office, club = office_of(shop.organization), club_of(member)
    addresses = [
        *(page(shop, draw, more) for more in ("", "document/")),
        page(shop),
        f"/office/{shop.organization.slug}/log/",
    ]
    shown = [office.get(one).content for one in addresses]
    shown += [
        club.get(at(shop.organization, more)).content
        for more in (
            "draws/",
            f"draws/{draw.public_id}/",
            f"draws/{draw.public_id}/document/",
            "",
        )
    ]
    shown.append(json.dumps(dump_program(organization_id=shop.organization.pk)).encode())

    for page_ in shown:
        assert seed.hex().encode() not in page_
        assert seed not in page_
    assert draw.commitment.encode() in shown[0]
    drawn(draw)
    assert (
        seed.hex()
        in Client().get(at(shop.organization, f"draws/{draw.public_id}/document/")).content.decode()
    )


# --- the program file -------------------------------------------------------------------------


def test_a_program_file_carries_what_draws_promise(shop):
    opened(shop, public_source="The lottery")
    a_draw(shop, alternates=2, winners_out_of=3)
    document = dump_program(organization_id=shop.organization.pk)
    document["program"]["slug"] = "copy"

    assert [one["alternates"] for one in document["draws"]] == [0, 2]
    assert not {"status", "commitment", "seed"} & document["draws"][0].keys()
    load_program(organization_id=shop.organization.pk, document=document, actor=SYSTEM)
    again = load_program(organization_id=shop.organization.pk, document=document, actor=SYSTEM)

    assert again.changes == []
    assert set(Draw.objects.values_list("status", flat=True)) == {"open", "draft"}
    assert Draw.objects.filter(program__slug="copy", status="draft").count() == 2


def test_a_program_file_does_not_change_what_was_promised(shop):
    draw = opened(shop)
    document = dump_program(organization_id=shop.organization.pk)
    assert (
        load_program(organization_id=shop.organization.pk, document=document, actor=SYSTEM).changes
        == []
    )
    document["draws"][0]["name"] = f"Another {uuid4()}"

    with pytest.raises(ProgramInvalid) as refused:
        load_program(organization_id=shop.organization.pk, document=document, actor=SYSTEM)

    assert refused.value.data["errors"][0]["code"] == "draw_frozen"
    assert Draw.objects.get().name == draw.name

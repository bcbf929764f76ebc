"""The method of prize draws: fair, the same for everybody who repeats it, and told in 24 lines."""

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.drawing.entries import Line, Prize, Terms, commitment_of, digest_of, pseudonym_of
from rewards.drawing.hat import ALTERNATE, SKIPPED, WINNER, Chance, Hat, draw
from rewards.drawing.proof import differences, line_as_json, pull_as_json, settings_as_json
from rewards.drawing.snippet import SNIPPET

SEED = sha256(b"fixed").digest()
TERMS = Terms("d", commitment_of(SEED), "", (Prize("ham", 2), Prize("jam", 1)), 2, wins_once=True)
MOTTO = 'Headline of the day: "Überfall – am Ende"'


def lines_of(*people):
    """One line per (pseudonym, count) or (pseudonym, count, standing), numbered in order."""
    ends = list(accumulate(count for _who, count, *_rest in people))
    return [
        Line(end - count + 1, end, who, *standing)
        for end, (who, count, *standing) in zip(ends, people, strict=True)
    ]


def drawn(lines, terms=TERMS, seed=SEED, text="", left_out=None):
    digest = digest_of(terms, lines)
    return draw(terms, lines, seed=seed, digest=digest, public_text=text, left_out=left_out or {})


def published(lines, terms=TERMS, text="", left_out=None):
    pulls = drawn(lines, terms, text=text, left_out=left_out)
    return {
        "format": "regulars-draw-1",
        "draw": terms.draw,
        "commitment": terms.commitment,
        "public_source": terms.public_source,
        "public_text": text,
        "seed": SEED.hex(),
        "settings": settings_as_json(terms),
        "entries": [line_as_json(line) for line in lines],
        "entries_digest": digest_of(terms, lines),
        "left_out_since": [[first, why] for first, why in (left_out or {}).items()],
        "results": [pull_as_json(one) for one in pulls],
    }


people = st.lists(
    st.tuples(
        st.sampled_from("abcdefghij"),
        st.integers(1, 30),
        st.sampled_from(["in", "in", "in", "staff", "canceled", "group"]),
    ),
    max_size=25,
)
terms_of_draws = st.builds(
    lambda prizes, alternates, once, source: replace(
        TERMS,
        prizes=tuple(Prize(reward, count) for reward, count in prizes),
        alternates=alternates,
        wins_once=once,
        public_source=source,
    ),
    st.lists(st.tuples(st.sampled_from(["ham", "jam"]), st.integers(1, 4)), min_size=1, max_size=3),
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from(["", "The lottery's numbers of 6 July", MOTTO]),
)


def slowly(lines, terms, seed, digest, text, left_out):
    """The hat as a plain list of numbers: what the fast one must agree with."""
    places = [prize.reward for prize in terms.prizes for _ in range(prize.count)]
    places += [""] * terms.alternates
    hat = [(n, at) for at, line in enumerate(lines) for n in range(line.first, line.last + 1)]
    chance, found = Chance(seed, digest, text), []
    while hat and places:
        number, at = hat[chance.below(len(hat))]
        line = lines[at]
        out = left_out.get(line.first) or line.standing.removeprefix("in")
        found.append((number, line.pseudonym, out, "" if out else places.pop(0)))
        own = {at for at, one in enumerate(lines) if one.pseudonym == line.pseudonym}
        gone = {at} if out else own
        if not out and not terms.wins_once:
            hat.remove((number, at))
        else:
            hat = [one for one in hat if one[1] not in gone]
    return found


@settings(max_examples=80, deadline=None)
@given(people, terms_of_draws, st.binary(min_size=32, max_size=32), st.data())
def test_the_hat_is_the_plain_list_it_stands_for(people, terms, seed, data):
    lines = lines_of(*people)
    firsts = [line.first for line in lines if line.standing == "in"]
    left_out = dict.fromkeys(
        data.draw(st.lists(st.sampled_from(firsts), max_size=3)) if firsts else [], "canceled"
    )
    digest = digest_of(terms, lines)

    pulls = draw(terms, lines, seed=seed, digest=digest, public_text="", left_out=left_out)

    assert [(one.number, one.pseudonym, one.reason, one.prize) for one in pulls] == slowly(
        lines, terms, seed, digest, "", left_out
    )
    assert [one.rank for one in pulls] == list(range(1, len(pulls) + 1))
    assert len({one.number for one in pulls}) == len(pulls)


@settings(max_examples=60, deadline=None)
@given(people, terms_of_draws)
def test_who_wins_once_wins_once_and_nobody_wins_who_is_out(people, terms):
    lines = lines_of(*people)
    out = {line.first: line for line in lines}
    pulls = drawn(lines, terms)

    won = [one.pseudonym for one in pulls if one.kind != SKIPPED]
    assert not terms.wins_once or len(set(won)) == len(won)
    for one in pulls:
        line = next(line for line in out.values() if line.first <= one.number <= line.last)
        assert (one.kind == SKIPPED) == (line.standing != "in")
        assert one.reason == ("" if line.standing == "in" else line.standing)
    kinds = [one.kind for one in pulls if one.kind != SKIPPED]
    assert kinds == sorted(kinds, key=[WINNER, ALTERNATE].index)


def test_the_same_seed_list_and_text_lead_to_the_same_winners_and_others_to_others():
    lines = lines_of(*((f"p{n}", 1 + n % 5) for n in range(200)))

    assert drawn(lines) == drawn(lines)
    assert drawn(lines) != drawn(lines, seed=sha256(b"another").digest())
    assert drawn(lines) != drawn(lines, text="the headline")
    assert drawn(lines) != drawn(lines[:-1])


def test_prizes_go_out_in_the_order_in_which_they_were_promised():
    pulls = drawn(lines_of(*((f"p{n}", 1) for n in range(9))))

    assert [(one.kind, one.prize) for one in pulls] == [
        (WINNER, "ham"),
        (WINNER, "ham"),
        (WINNER, "jam"),
        (ALTERNATE, ""),
        (ALTERNATE, ""),
    ]


def test_a_hat_without_enough_tickets_ends_when_it_is_empty():
    assert drawn([]) == []
    assert [one.kind for one in drawn(lines_of(("a", 5), ("b", 1)))] == [WINNER, WINNER]
    assert [one.kind for one in drawn(lines_of(("a", 5, "staff")))] == [SKIPPED]


def chi_square(counts, expected):
    return sum((counts[key] - want) ** 2 / want for key, want in expected.items())


def test_every_ticket_is_as_likely_as_any_other():
    # 20 tickets, 8,000 draws with fixed seeds: below 43.8 in 999 of 1,000 (19 degrees).
    lines = lines_of(("a", 3), ("b", 1), ("c", 9), ("d", 7))
    terms = replace(TERMS, prizes=(Prize("ham", 1),), alternates=0)
    digest, seeds = digest_of(terms, lines), random.Random(7)
    counts = Counter(
        draw(terms, lines, seed=seeds.randbytes(32), digest=digest, public_text="", left_out={})[
            0
        ].number
        for _ in range(8_000)
    )

    assert chi_square(counts, dict.fromkeys(range(1, 21), 400)) < 43.8


def test_the_second_prize_is_as_fair_as_the_first():
    # Of a (2 tickets), b (1) and c (1), the pair of first and second by their chances: 6 pairs,
    # 5 degrees of freedom, 20.5 at 1 in 1,000.
    lines = lines_of(("a", 2), ("b", 1), ("c", 1))
    terms = replace(TERMS, prizes=(Prize("ham", 2),), alternates=0)
    digest, seeds = digest_of(terms, lines), random.Random(8)
    counts = Counter()
    for _ in range(6_000):
        pulls = draw(
            terms, lines, seed=seeds.randbytes(32), digest=digest, public_text="", left_out={}
        )
        counts[pulls[0].pseudonym + pulls[1].pseudonym] += 1

    expected = {"ab": 1500, "ac": 1500, "ba": 1000, "bc": 500, "ca": 1000, "cb": 500}
    assert chi_square(counts, expected) < 20.5


def test_numbers_that_would_favor_small_remainders_are_rejected(monkeypatch):
    blocks = [b"\xff" * 32, b"\xff" * 31 + b"\xfe", bytes(31) + b"\x05"]

    class Fixed:
        def __init__(self, _bytes):
            self.block = blocks.pop(0)

        def digest(self):
            return self.block

    chance = Chance(SEED, "00" * 32, "")
    monkeypatch.setattr("rewards.drawing.hat.sha256", Fixed)

    # 2^256 leaves 1 by 3: of the three numbers only the very last is beyond the last multiple.
    assert chance.below(3) == (2**256 - 2) % 3
    assert chance.below(4) == 1


def test_a_million_tickets_of_many_members_are_drawn_at_once():
    hat = Hat(lines_of(*((str(n), 10) for n in range(100_000))))

    assert hat.ticket(0) == (0, 1)
    assert hat.ticket(999_999) == (99_999, 1_000_000)
    hat.remove_all_of("0")
    assert hat.ticket(0) == (1, 11)
    hat.remove_ticket(1, 12)
    assert [hat.ticket(n)[1] for n in (0, 1, 9)] == [11, 13, 21]


def test_a_pseudonym_is_of_one_draw_and_tells_nobody():
    member, salt = UUID(int=7), b"s" * 32

    assert pseudonym_of(salt, member) == pseudonym_of(salt, member)
    assert pseudonym_of(salt, member) != pseudonym_of(b"t" * 32, member)
    assert len(pseudonym_of(salt, member)) == 24


# --- what everybody can check -----------------------------------------------------------------

MIXED = lines_of(("a", 5), ("b", 2, "staff"), ("c", 40), ("a", 1), ("d", 3, "canceled"), ("e", 8))


def said_by_snippet(tmp_path, document):
    program, file = tmp_path / "check.py", tmp_path / "draw.json"
    program.write_text(SNIPPET, "utf-8")
    file.write_text(json.dumps(document), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", program, file], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip()


@settings(max_examples=60, deadline=None)
@given(people, terms_of_draws, st.sampled_from(["", "17 23 42", MOTTO]))
def test_the_few_lines_that_are_shown_agree_with_what_was_drawn(people, terms, text):
    document = published(lines_of(*people), terms, text=text)
    program = SNIPPET.replace('json.load(open(sys.argv[1], encoding="utf-8"))', "document")
    said = []
    exec(program, {"document": json.loads(json.dumps(document)), "print": said.append})

    assert said == ["This draw is in order."]


def test_the_few_lines_are_few_and_need_nothing_but_python(tmp_path):
    lines = SNIPPET.splitlines()

    assert len(lines) < 25
    assert [line for line in lines if "import" in line] == ["import hashlib, json, sys"]
    document = published(MIXED, text=MOTTO)
    assert said_by_snippet(tmp_path, document) == "This draw is in order."


def forged(document, change):
    copy = json.loads(json.dumps(document))
    change(copy)
    return copy


FORGERIES = {
    "another winner": lambda d: d["results"][0].update(pseudonym="e"),
    "another number": lambda d: d["results"][0].update(number=d["results"][0]["number"] % 50 + 1),
    "another seed": lambda d: d.update(seed="00" * 32),
    "a ticket more": lambda d: d["entries"].append([60, 60, "e", "in"]),
    "a ticket less": lambda d: d["entries"].pop(),
    "somebody let in": lambda d: d["entries"][1].__setitem__(3, "in"),
    "somebody put out": lambda d: d["left_out_since"].append([8, "gone"]),
    "another text": lambda d: d.update(public_text="17 23 43"),
    "more prizes": lambda d: d["settings"]["prizes"][0].update(count=3),
    "more alternates": lambda d: d["settings"].update(alternates=3),
    "a pull less": lambda d: d["results"].pop(),
    "another commitment": lambda d: d.update(commitment="00" * 32),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_is_changed_afterwards_is_noticed(forgery, tmp_path):
    document = forged(published(MIXED, text="17 23 42"), FORGERIES[forgery])

    assert differences(document) != []
    assert said_by_snippet(tmp_path, document) != "This draw is in order."


def test_a_document_in_order_has_no_differences_also_before_the_drawing():
    document = published(MIXED)
    before = document | {"seed": None, "results": []}

    assert differences(document) == []
    assert differences(before) == []
    assert differences(before | {"entries": MIXED[:1]}) != []
    assert differences(before | {"results": document["results"]}) == [
        "There are results, but no seed."
    ]


@pytest.mark.parametrize("document", [None, [], {}, {"format": "x"}, {"format": "regulars-draw-1"}])
def test_a_file_that_is_no_such_document_is_said_to_be_none(document):
    assert differences(document) != []


def test_a_promised_text_that_is_missing_is_a_difference():
    document = published(MIXED, replace(TERMS, public_source="The lottery"))

    assert differences(document) == ["The public text that was promised is missing."]

"""The table of the bench: right ratios, and a clear word where a goal is missed."""

from bench.client import Round
from bench.conditions import Moment
from bench.pgbench import rate_seconds, times_in
from bench.rounds import EARN, EARN_EMPTY, EARN_HOT, EARN_PGBENCH, LOOK_UP, LOOK_UP_PGBENCH
from bench.table import EXPIRY, EXPIRY_AT_ONCE, IMPORT, REIMPORT, missed, table

PRINTED = """
scaling factor: 1
number of transactions actually processed: 4000/4000
number of failed transactions: 0 (0.000%)
tps = 2000.000000 (without initial connection time)
"""


def asked(per_second, slowest=10.0):
    return Round(1.0, [*[5.0] * (per_second - 1), slowest])


def found(rounds, word):
    return [line for line in table(rounds) if word in line]


def test_a_rate_is_told_as_a_share_of_what_it_is_compared_with():
    rounds = {EARN: asked(70), EARN_PGBENCH: asked(1000)}

    [line] = found(rounds, "pgbench")

    assert "earn, pgbench (1,000/s)" in line
    assert "7 %" in line
    assert line.endswith("≥ 6 %, aim 12 %  met")


def test_what_reaches_the_aim_and_what_misses_the_floor_is_said():
    rounds = {
        EARN: asked(130),
        EARN_PGBENCH: asked(1000),
        EARN_HOT: asked(65),
        EARN_EMPTY: asked(130),
    }

    assert [line.rsplit("  ", 1)[1] for line in table(rounds)[1:]] == [
        "aim met",
        "missed",
        "met",
        "met",
    ]
    assert missed(rounds) == [EARN_HOT]


def test_a_share_is_judged_before_it_is_rounded():
    rounds = {LOOK_UP: asked(249), LOOK_UP_PGBENCH: asked(10_000)}

    [line] = found(rounds, "pgbench")

    assert line.endswith("2.5 %  ≥ 2.5 %, aim 4 %  missed")


def test_the_slowest_answers_have_a_limit():
    rounds = {EARN: asked(50, slowest=101.0), LOOK_UP: asked(50, slowest=50.0)}

    assert [line.rsplit("  ", 1)[1] for line in found(rounds, "p99")[1:]] == ["missed", "met"]


def test_jobs_are_compared_by_what_they_did():
    rounds = {
        IMPORT: Round.of(20_000, 1.0),
        REIMPORT: Round.of(20_000, 0.25),
        EXPIRY: Round.of(600, 2.0),
        EXPIRY_AT_ONCE: Round.of(600, 1.0),
    }

    assert [line.rsplit("  ", 1)[1] for line in table(rounds)[1:]] == ["met", "missed", "met"]
    assert "4.0 ×" in found(rounds, REIMPORT)[0]
    assert missed(rounds) == [REIMPORT]


def test_an_error_is_never_hidden_by_a_good_rate():
    rounds = {EARN: Round(1.0, [5.0], errors=1, said="500 oh")}

    assert missed(rounds) == ["earn: 500 oh"]


def test_what_pgbench_prints_and_logs_is_read():
    assert rate_seconds(PRINTED) == 2.0
    assert times_in("0 1 1500 0 1700000000 5\n1 1 250 0 1700000000 9\n") == [1.5, 0.25]


def test_the_share_that_the_host_took_is_told():
    before = Moment.read("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n")
    after = Moment.read("cpu  150 0 150 850 0 0 0 50 0 0\ncpu0 1 2 3\n")

    assert before.stolen_until(after) == 0.25
    assert Moment(()).stolen_until(Moment(())) == 0.0

"""Prize draws: what can be won, who has tickets, and who won."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models import Grant, Program
from members.models import Member
from rewards.models.redemptions import Redemption


class Draw(models.Model):
    """A draw and everything that is promised about it.

    From its opening on nothing of that changes. ``prizes`` lists ``{"reward": code, "count": n}``
    in the order in which they are drawn; ``last_number`` is the last ticket that was given out.
    The seed stands in ``DrawSecret``, so that no page that shows a draw can show it.
    """

    class Status(models.TextChoices):
        """Where the draw is in its life."""

        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        DRAWN = "drawn", _("Drawn")
        CANCELED = "canceled", _("Canceled")

    program = models.ForeignKey(Program, models.PROTECT, related_name="draws")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    terms = models.CharField(max_length=2000, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()
    prizes = models.JSONField()
    alternates = models.PositiveSmallIntegerField(default=0)
    tickets_per_member = models.PositiveIntegerField(null=True, blank=True)
    wins_once = models.BooleanField(default=True)
    leaves_out_staff = models.BooleanField(default=True)
    groups_out = models.JSONField(default=list, blank=True)
    winners_out_of = models.PositiveSmallIntegerField(default=0)
    public_source = models.CharField(max_length=200, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    last_number = models.PositiveIntegerField(default=0)
    entries_digest = models.CharField(max_length=64, blank=True)
    public_text = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="draw_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "open", "closed", "drawn", "canceled"]),
                name="draw_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="draw_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", commitment="", last_number=0)
                | Q(status="canceled")
                | (
                    Q(status__in=["open", "closed", "drawn"], opens_at__isnull=False)
                    & ~Q(commitment="")
                ),
                name="open_draw_has_promised_its_seed",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status__in=["closed", "drawn"], closed_at__isnull=False)
                    & ~Q(entries_digest="")
                )
                | Q(status__in=["draft", "open"], entries_digest="", closed_at__isnull=True)
                | Q(status="canceled"),
                name="closed_draw_has_its_list",
            ),
            models.CheckConstraint(
                condition=Q(status="drawn", drawn_at__isnull=False)
                | (~Q(status="drawn") & Q(drawn_at__isnull=True, public_text="")),
                name="drawn_draw_says_when",
            ),
            models.CheckConstraint(
                condition=Q(status="canceled", canceled_at__isnull=False)
                | (~Q(status="canceled") & Q(canceled_at__isnull=True)),
                name="canceled_draw_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"], condition=Q(status="open"), name="draws_that_will_close"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DrawSecret(models.Model):
    """What is kept until the drawing: the seed, and for ever: the salt of the pseudonyms."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="secret")
    seed = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32)


class DrawTicket(models.Model):
    """Tickets ``first`` to ``last`` that a member got for one cause.

    When the draw closes, ``pseudonym`` and ``standing`` are written as the published list says
    them, and stay so whatever happens to the member or the tickets afterwards.
    """

    class Cause(models.TextChoices):
        """What the tickets are for."""

        GRANT = "grant", _("Earned")
        REDEMPTION = "redemption", _("Taken for points")
        HAND = "hand", _("Given by hand")

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="tickets", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="draw_tickets")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, blank=True, related_name="draw_tickets"
    )
    redemption = models.ForeignKey(
        Redemption, models.PROTECT, null=True, blank=True, related_name="draw_tickets"
    )
    request_key = models.CharField(max_length=96, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True, blank=True)
    pseudonym = models.CharField(max_length=24, blank=True)
    standing = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "first"], name="draw_ticket_begins_once"),
            models.UniqueConstraint(fields=["draw", "last"], name="draw_ticket_ends_once"),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first")), name="draw_ticket_is_a_range"
            ),
            models.CheckConstraint(
                condition=Q(cause="grant", grant__isnull=False, redemption__isnull=True)
                | Q(cause="redemption", grant__isnull=True, redemption__isnull=False)
                | (Q(cause="hand", grant__isnull=True, redemption__isnull=True) & ~Q(reason="")),
                name="draw_ticket_has_its_cause",
            ),
            models.CheckConstraint(
                condition=Q(pseudonym="", standing="") | ~(Q(pseudonym="") | Q(standing="")),
                name="listed_draw_ticket_has_its_standing",
            ),
        ]
        indexes = [models.Index(fields=["draw", "member"], name="draw_tickets_of_member")]

    @property
    def count(self) -> int:
        """Return how many tickets these are."""
        return self.last - self.first + 1


class MissedTicket(models.Model):
    """Tickets that were earned and could not be given, with the reason."""

    class Why(models.TextChoices):
        """Why they were not given."""

        NOT_OPEN = "not_open", _("the draw was not open")
        TOO_EARLY = "too_early", _("earned before the draw opened")
        TOO_LATE = "too_late", _("earned after the draw closed")
        LIMIT = "limit", _("the member has as many tickets as one can have")

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="missed")
    member = models.ForeignKey(Member, models.PROTECT, related_name="missed_tickets")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="missed_tickets")
    count = models.PositiveIntegerField()
    why = models.CharField(max_length=9, choices=Why.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant"], name="tickets_of_a_grant_are_missed_once"),
            models.CheckConstraint(condition=Q(count__gt=0), name="missed_tickets_are_some"),
            models.CheckConstraint(
                condition=Q(why__in=["not_open", "too_early", "too_late", "limit"]),
                name="missed_tickets_say_why",
            ),
        ]


class DrawResult(models.Model):
    """One pull of the drawing. ``prize`` is what the pull brought; ``gets`` what is theirs now.

    An alternate gets the prize of the result that it ``takes_over``.
    """

    class Kind(models.TextChoices):
        """What came of the pull."""

        WINNER = "winner", _("Winner")
        ALTERNATE = "alternate", _("Alternate")
        SKIPPED = "skipped", _("Passed over")

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="results", db_index=False)
    rank = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    ticket = models.ForeignKey(DrawTicket, models.PROTECT, related_name="results")
    member = models.ForeignKey(Member, models.PROTECT, related_name="draw_results")
    pseudonym = models.CharField(max_length=24)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    reason = models.CharField(max_length=8, blank=True)
    prize = models.CharField(max_length=50, blank=True)
    gets = models.CharField(max_length=50, blank=True)
    grant = models.OneToOneField(
        Grant, models.PROTECT, null=True, blank=True, related_name="draw_result"
    )
    takes_over = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="passed_to"
    )
    passed_on_at = models.DateTimeField(null=True, blank=True)
    passed_on_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "rank"], name="draw_result_has_its_rank"),
            models.UniqueConstraint(fields=["draw", "number"], name="ticket_is_pulled_once"),
            models.CheckConstraint(
                condition=(Q(kind="winner", reason="") & ~Q(prize=""))
                | Q(kind="alternate", reason="", prize="")
                | (Q(kind="skipped", prize="", gets="") & ~Q(reason="")),
                name="draw_result_is_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(gets="", grant__isnull=True) | (~Q(gets="") & Q(grant__isnull=False)),
                name="prize_of_a_draw_is_given",
            ),
            models.CheckConstraint(
                condition=Q(passed_on_at__isnull=True) | ~Q(gets=""),
                name="only_a_prize_is_passed_on",
            ),
        ]

"""Prize draws."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

# The seed never changes; tickets keep their numbers, and results what was pulled.
GUARDS = """
    CREATE TRIGGER rewards_drawsecret_append_only BEFORE UPDATE OR DELETE ON rewards_drawsecret
        FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
    CREATE FUNCTION rewards_keep_draw_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
            AND (OLD.draw_id, OLD.member_id, OLD.first, OLD.last, OLD.cause, OLD.request_key)
                = (NEW.draw_id, NEW.member_id, NEW.first, NEW.last, NEW.cause, NEW.request_key)
            AND OLD.grant_id IS NOT DISTINCT FROM NEW.grant_id
            AND OLD.redemption_id IS NOT DISTINCT FROM NEW.redemption_id
            AND (OLD.pseudonym = ''
                OR (OLD.pseudonym, OLD.standing) = (NEW.pseudonym, NEW.standing))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a draw ticket keeps its number, its member and its standing';
    END $$;
    CREATE TRIGGER rewards_drawticket_keeps_its_number BEFORE UPDATE OR DELETE
        ON rewards_drawticket FOR EACH ROW EXECUTE FUNCTION rewards_keep_draw_ticket();
    CREATE FUNCTION rewards_keep_draw_result() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
            AND (OLD.draw_id, OLD.rank, OLD.number, OLD.ticket_id, OLD.member_id, OLD.pseudonym,
                OLD.kind, OLD.reason, OLD.prize)
                = (NEW.draw_id, NEW.rank, NEW.number, NEW.ticket_id, NEW.member_id, NEW.pseudonym,
                NEW.kind, NEW.reason, NEW.prize)
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the result of a draw stays as it was drawn';
    END $$;
    CREATE TRIGGER rewards_drawresult_stays_as_drawn BEFORE UPDATE OR DELETE
        ON rewards_drawresult FOR EACH ROW EXECUTE FUNCTION rewards_keep_draw_result();
"""
UNGUARD = """
    DROP TRIGGER rewards_drawresult_stays_as_drawn ON rewards_drawresult;
    DROP FUNCTION rewards_keep_draw_result();
    DROP TRIGGER rewards_drawticket_keeps_its_number ON rewards_drawticket;
    DROP FUNCTION rewards_keep_draw_ticket();
    DROP TRIGGER rewards_drawsecret_append_only ON rewards_drawsecret;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_append_only"),
        ("loyalty", "0020_imports_side_by_side"),
        ("members", "0007_attribute_definitions"),
        ("rewards", "0009_gift_cards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.SlugField()),
                ("name", models.CharField(max_length=120)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("terms", models.CharField(blank=True, max_length=2000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("open", "Open"),
                            ("closed", "Closed"),
                            ("drawn", "Drawn"),
                            ("canceled", "Canceled"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True)),
                ("closes_at", models.DateTimeField()),
                ("prizes", models.JSONField()),
                ("alternates", models.PositiveSmallIntegerField(default=0)),
                ("tickets_per_member", models.PositiveIntegerField(blank=True, null=True)),
                ("wins_once", models.BooleanField(default=True)),
                ("leaves_out_staff", models.BooleanField(default=True)),
                ("groups_out", models.JSONField(blank=True, default=list)),
                ("winners_out_of", models.PositiveSmallIntegerField(default=0)),
                ("public_source", models.CharField(blank=True, max_length=200)),
                ("commitment", models.CharField(blank=True, max_length=64)),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("entries_digest", models.CharField(blank=True, max_length=64)),
                ("public_text", models.CharField(blank=True, max_length=500)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("drawn_at", models.DateTimeField(blank=True, null=True)),
                ("canceled_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="loyalty.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DrawSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seed", models.BinaryField(max_length=32)),
                ("salt", models.BinaryField(max_length=32)),
                (
                    "draw",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secret",
                        to="rewards.draw",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DrawTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("grant", "Earned"),
                            ("redemption", "Taken for points"),
                            ("hand", "Given by hand"),
                        ],
                        max_length=10,
                    ),
                ),
                ("request_key", models.CharField(max_length=96, unique=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("actor", models.CharField(max_length=64)),
                ("occurred_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("canceled_at", models.DateTimeField(blank=True, null=True)),
                ("pseudonym", models.CharField(blank=True, max_length=24)),
                ("standing", models.CharField(blank=True, max_length=8)),
                (
                    "draw",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="rewards.draw",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_tickets",
                        to="loyalty.grant",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_tickets",
                        to="members.member",
                    ),
                ),
                (
                    "redemption",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_tickets",
                        to="rewards.redemption",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DrawResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("pseudonym", models.CharField(max_length=24)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("winner", "Winner"),
                            ("alternate", "Alternate"),
                            ("skipped", "Passed over"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=8)),
                ("prize", models.CharField(blank=True, max_length=50)),
                ("gets", models.CharField(blank=True, max_length=50)),
                ("passed_on_at", models.DateTimeField(blank=True, null=True)),
                ("passed_on_because", models.CharField(blank=True, max_length=200)),
                (
                    "draw",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="rewards.draw",
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_result",
                        to="loyalty.grant",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_results",
                        to="members.member",
                    ),
                ),
                (
                    "takes_over",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passed_to",
                        to="rewards.drawresult",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="rewards.drawticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MissedTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.PositiveIntegerField()),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("not_open", "the draw was not open"),
                            ("too_early", "earned before the draw opened"),
                            ("too_late", "earned after the draw closed"),
                            ("limit", "the member has as many tickets as one can have"),
                        ],
                        max_length=9,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed",
                        to="rewards.draw",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_tickets",
                        to="loyalty.grant",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_tickets",
                        to="members.member",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="draw",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["closes_at"],
                name="draws_that_will_close",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="draw_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "open", "closed", "drawn", "canceled"])
                ),
                name="draw_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_at__isnull", True),
                    ("closes_at__gt", models.F("opens_at")),
                    _connector="OR",
                ),
                name="draw_closes_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("commitment", ""), ("last_number", 0), ("status", "draft")),
                    ("status", "canceled"),
                    models.Q(
                        ("opens_at__isnull", False),
                        ("status__in", ["open", "closed", "drawn"]),
                        models.Q(("commitment", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="open_draw_has_promised_its_seed",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("status__in", ["closed", "drawn"]),
                        models.Q(("entries_digest", ""), _negated=True),
                    ),
                    models.Q(
                        ("closed_at__isnull", True),
                        ("entries_digest", ""),
                        ("status__in", ["draft", "open"]),
                    ),
                    ("status", "canceled"),
                    _connector="OR",
                ),
                name="closed_draw_has_its_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drawn_at__isnull", False), ("status", "drawn")),
                    models.Q(
                        models.Q(("status", "drawn"), _negated=True),
                        ("drawn_at__isnull", True),
                        ("public_text", ""),
                    ),
                    _connector="OR",
                ),
                name="drawn_draw_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("canceled_at__isnull", False), ("status", "canceled")),
                    models.Q(
                        models.Q(("status", "canceled"), _negated=True),
                        ("canceled_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="canceled_draw_says_when",
            ),
        ),
        migrations.AddIndex(
            model_name="drawticket",
            index=models.Index(fields=["draw", "member"], name="draw_tickets_of_member"),
        ),
        migrations.AddConstraint(
            model_name="drawticket",
            constraint=models.UniqueConstraint(
                fields=("draw", "first"), name="draw_ticket_begins_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="drawticket",
            constraint=models.UniqueConstraint(
                fields=("draw", "last"), name="draw_ticket_ends_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="drawticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__gte", 1), ("last__gte", models.F("first"))),
                name="draw_ticket_is_a_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="drawticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cause", "grant"), ("grant__isnull", False), ("redemption__isnull", True)
                    ),
                    models.Q(
                        ("cause", "redemption"),
                        ("grant__isnull", True),
                        ("redemption__isnull", False),
                    ),
                    models.Q(
                        ("cause", "hand"),
                        ("grant__isnull", True),
                        ("redemption__isnull", True),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="draw_ticket_has_its_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="drawticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pseudonym", ""), ("standing", "")),
                    models.Q(("pseudonym", ""), ("standing", ""), _connector="OR", _negated=True),
                    _connector="OR",
                ),
                name="listed_draw_ticket_has_its_standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="drawresult",
            constraint=models.UniqueConstraint(
                fields=("draw", "rank"), name="draw_result_has_its_rank"
            ),
        ),
        migrations.AddConstraint(
            model_name="drawresult",
            constraint=models.UniqueConstraint(
                fields=("draw", "number"), name="ticket_is_pulled_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="drawresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "winner"), ("reason", ""), models.Q(("prize", ""), _negated=True)
                    ),
                    models.Q(("kind", "alternate"), ("prize", ""), ("reason", "")),
                    models.Q(
                        ("gets", ""),
                        ("kind", "skipped"),
                        ("prize", ""),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="draw_result_is_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="drawresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("gets", ""), ("grant__isnull", True)),
                    models.Q(models.Q(("gets", ""), _negated=True), ("grant__isnull", False)),
                    _connector="OR",
                ),
                name="prize_of_a_draw_is_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="drawresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("passed_on_at__isnull", True),
                    models.Q(("gets", ""), _negated=True),
                    _connector="OR",
                ),
                name="only_a_prize_is_passed_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="missedticket",
            constraint=models.UniqueConstraint(
                fields=("grant",), name="tickets_of_a_grant_are_missed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="missedticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gt", 0)), name="missed_tickets_are_some"
            ),
        ),
        migrations.AddConstraint(
            model_name="missedticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__in", ["not_open", "too_early", "too_late", "limit"])),
                name="missed_tickets_say_why",
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]

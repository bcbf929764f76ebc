from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("core", "0008_messages")]

    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="outboxevent",
            name="next_try_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outboxevent",
            name="done_by",
            field=ArrayField(
                base_field=models.CharField(max_length=40), blank=True, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="outboxevent",
            name="last_error",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="outboxevent",
            name="parked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="outboxevent",
            constraint=models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(parked_at__isnull=True),
                name="sent_event_is_not_parked",
            ),
        ),
        migrations.RemoveIndex(model_name="outboxevent", name="events_to_send"),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(
                fields=["id"], name="events_to_relay", condition=Q(sent_at__isnull=True)
            ),
        ),
    ]

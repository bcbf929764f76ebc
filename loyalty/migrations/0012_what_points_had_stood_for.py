from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0011_accounts_that_count_activity")]

    operations = [
        migrations.AddField(
            model_name="pointsputback",
            name="amount",
            field=models.DecimalField(decimal_places=3, default=0, max_digits=14),
        ),
        migrations.RemoveConstraint(model_name="pointsputback", name="putting_back_has_points"),
        migrations.AddConstraint(
            model_name="pointsputback",
            constraint=models.CheckConstraint(
                condition=Q(points__gte=0, amount__gte=0) & (Q(points__gt=0) | Q(amount__gt=0)),
                name="putting_back_has_points_or_their_worth",
            ),
        ),
    ]

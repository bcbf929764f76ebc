"""Some rewards are only given and cannot be had for points."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0005_granted_vouchers")]

    operations = [
        migrations.AddField(
            model_name="reward", name="is_for_points", field=models.BooleanField(default=True)
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0010_decisions_and_files_of_balances")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="counts_activity",
            field=models.BooleanField(default=False),
        ),
    ]

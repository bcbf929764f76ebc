"""Nothing that is shipped can be broken on purpose."""

import os
import subprocess
import sys

from config.settings import INSTALLED_APPS
from tests.architecture.sources import PROJECT, imported, sources, texts
from tests.faults.points.install import FAULTS

LOADED = """
import django, sys
django.setup()
print(sorted(name for name in sys.modules if name.startswith("tests")))
"""


def test_no_shipped_code_knows_of_faults():
    told = [one.path for one in sources() for text in texts(one) if "REGULARS_FAULT" in text]
    used = [one.path for one in sources() for name in imported(one) if name.startswith("tests")]

    assert (told, used) == ([], [])
    assert [app for app in INSTALLED_APPS if app.startswith("tests")] == []


def test_the_environment_alone_installs_no_fault_in_the_shipped_settings():
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REGULARS_FAULTS": ",".join(FAULTS),
    }

    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"

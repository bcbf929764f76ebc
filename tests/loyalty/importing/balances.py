"""Small files of balances for tests, and the command that imports them."""

import io
from contextlib import redirect_stderr
from datetime import UTC, datetime

from django.core.management import call_command

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HEADER = "phone,points,expires_on,note"


def brings(path, *options, organization="high-street", program="club"):
    """Run the command; return its exit code and what it said."""
    said = io.StringIO()
    code = 0
    with redirect_stderr(io.StringIO()):
        try:
            call_command(
                "import_balances",
                str(path),
                f"--organization={organization}",
                f"--program={program}",
                *options,
                stdout=said,
            )
        except SystemExit as ended:
            code = ended.code
    return code, said.getvalue()


def refused_in(said):
    lines = [line.split() for line in said.splitlines() if line.startswith("row ")]
    return [(int(line[1].strip(":")), line[2].strip(",")) for line in lines]

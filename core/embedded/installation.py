"""Make sure that the account which runs the database may run its programs."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from core.embedded.account import Account, stepping_down
from core.embedded.errors import NothingSuitable
from core.embedded.programs import PostgresPrograms

CACHE = Path("/var/cache/regulars")


def installed_for(programs: PostgresPrograms, account: Account) -> Path:
    """Return the folder of programs; those the account cannot reach are copied where it can."""
    if _runs(programs.folder, account):
        return programs.folder
    if not programs.from_wheel:
        raise NothingSuitable(f"{programs.folder} is not open to the account of the database.")
    return _copy(programs.folder)


def _runs(folder: Path, account: Account) -> bool:
    """Tell whether the account can run the server found here."""
    try:
        answer = subprocess.run(  # noqa: S603 the program was found on this machine
            [folder / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            check=False,
            **stepping_down(account),
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _copy(folder: Path) -> Path:
    """Copy the wheel's programs and libraries, once for each build of them."""
    package = folder.parents[1]
    built = int((folder / "postgres").stat().st_mtime)
    copy = CACHE / f"{package.name}-{built}"
    if not copy.exists():
        CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=CACHE))
        draft.chmod(0o755)
        for part in package.parent.glob(f"{package.name}*"):
            if part.name in (package.name, f"{package.name}.libs"):
                shutil.copytree(part, draft / part.name, symlinks=True)
        draft.replace(copy)
    return copy / package.name / "pginstall" / "bin"

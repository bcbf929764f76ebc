"""Where an installation keeps its things: everything here follows from the environment."""

import hashlib
import os
import secrets
from pathlib import Path

from core.embedded.errors import NotYours
from core.embedded.programs import broker_program

PROJECT = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """Return the folder of this installation; a relative name counts from the project."""
    named = Path(os.environ.get("REGULARS_DATA") or "var").expanduser()
    return (PROJECT / named).resolve()


def socket_folder(data: Path) -> Path:
    """Return a path short enough for sockets; PostgreSQL refuses more than 107 bytes."""
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()
    return Path("/tmp") / f"regulars-{digest[:16]}"  # noqa: S108 the folder is private, see open_socket_folder


def brings_own_database() -> bool:
    """Tell whether the database is ours to start, since the operator names none."""
    return not os.environ.get("DATABASE_URL")


def brings_own_broker() -> bool:
    """Tell whether there is a broker for us to start."""
    return not os.environ.get("CELERY_BROKER_URL") and broker_program() is not None


def database_url() -> str:
    """Return the operator's database, or else the one in the data folder."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    return f"postgresql://regulars@:5432/regulars?host={socket_folder(data_folder())}"


def broker_url() -> str:
    """Return the operator's broker, or else the one that `up` starts."""
    if given := os.environ.get("CELERY_BROKER_URL"):
        return given
    if broker_program():
        return f"redis+socket://{broker_socket(data_folder())}"
    return "filesystem://"


def broker_socket(data: Path) -> Path:
    """Return the socket the broker listens on."""
    return socket_folder(data) / "broker.sock"


def broker_options() -> dict[str, str]:
    """Return what the broker's transport needs to know: without a server, messages are files."""
    if not broker_url().startswith("filesystem:"):
        return {}
    messages = str(data_folder() / "broker" / "messages")
    control = str(data_folder() / "broker" / "control")
    return {"data_folder_in": messages, "data_folder_out": messages, "control_folder": control}


def secret_key() -> str:
    """Return the folder's own secret, made once; two makers at the same time agree on one."""
    kept = data_folder() / "secret_key"
    try:
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            _publish(_draft(kept), kept)
        return kept.read_text().strip()
    except OSError as refused:
        raise NotYours(f"{kept} cannot be used ({refused.strerror}).") from refused


def _draft(kept: Path) -> Path:
    """Write a new secret beside the place where it will be kept."""
    draft = kept.with_name(f"secret_key.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(64))
    return draft


def _publish(draft: Path, kept: Path) -> None:
    """Give the draft its name unless somebody was faster."""
    try:
        kept.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

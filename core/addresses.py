"""Addresses of our own pages: which are safe to go back to, and how outsiders reach them."""

from __future__ import annotations

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from core.embedded.folder import data_folder

PATH_LENGTH_MAX = 2000


def is_own_path(address: str) -> bool:
    """Say whether this is a path on this site, however a browser may read it."""
    return (
        address.startswith("/")
        and len(address) <= PATH_LENGTH_MAX
        and address.isprintable()
        and "\\" not in address
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    )


def own_path(address: str | None, *, otherwise: str) -> str:
    """Return the address when it is a path on this site."""
    return address if address and is_own_path(address) else otherwise


def public_url(path: str) -> str:
    """Return a full address for people outside; the Host header of a request has no say in it."""
    return f"{(settings.PUBLIC_URL or _served_address()).rstrip('/')}{path}"


def _served_address() -> str:
    """Return where `up` serves this installation, or would by default."""
    written = data_folder() / "run" / "address"
    return written.read_text().strip() if written.exists() else "http://127.0.0.1:8000"

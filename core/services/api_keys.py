"""Gives shop systems their keys, and takes them away.

A key is ``rg_live_<prefix>_<secret>``: the prefix finds the row, the digest of the whole proves
it. The secret itself is shown once and kept nowhere.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core.actors import SYSTEM, Actor
from core.audit import record
from core.errors import (
    IntegrationNameTaken,
    NameMissing,
    ScopeUnknown,
    StoreCodeUnknown,
    TooManyKeys,
    about,
)
from core.locking import lock_one, unlocked
from core.models import ApiKey, Integration, Store
from core.models.access import Scope
from core.prepared import Prepared
from core.services.stores import stores_by_code
from core.text import caseless, clean_line

KEY = re.compile(r"rg_live_([0-9a-z]{8})_[0-9A-Za-z_-]{43}")
LEARNED_MAX = 1000
LIVE_KEYS_MAX = 2
NAME_LENGTH_MAX = 80
PREFIX_LETTERS = string.ascii_lowercase + string.digits
PREFIX_LENGTH = 8
SECRET_BYTES = 32
USE_IS_NOTED_EVERY = timedelta(minutes=1)

# PostgreSQL gives every version of a row another transaction or place, which together tell whether
# anything is new about whom a key stands for. The key itself is read each time: it ends at once.
_VERSIONS = """
    SELECT concat_ws(
        ' ', integration.xmin, integration.ctid, organization.xmin, organization.ctid,
        store.xmin, store.ctid, register.xmin, register.ctid
    )
    FROM core_integration integration
    JOIN core_organization organization ON organization.id = integration.organization_id
    LEFT JOIN core_store store ON store.id = integration.store_id
    LEFT JOIN core_register register ON register.id = integration.register_id
    WHERE integration.id = core_apikey.integration_id
"""
_WITH_PREFIX = Prepared(
    lambda prefix: ApiKey.objects.filter(prefix=prefix).annotate(versions=RawSQL(_VERSIONS, []))  # noqa: S611
)
_INTEGRATION = Prepared(
    lambda pk: Integration.objects.filter(pk=pk).select_related("organization", "store", "register")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntegration:
    """A shop system as somebody described it; ``store`` is the code of the one it works for."""

    name: str
    scopes: tuple[str, ...]
    store: str = ""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key in the only moment in which its secret is known."""

    key: ApiKey
    secret: str


@transaction.atomic
def open_integration(
    *, organization_id: int, new: NewIntegration, actor: Actor = SYSTEM
) -> IssuedKey:
    """Let a shop system in, with its first key."""
    integration = Integration(
        organization_id=organization_id,
        name=_clean_name(new.name),
        scopes=_known_scopes(new.scopes),
        store=_store(organization_id, new.store) if new.store else None,
    )
    try:
        with transaction.atomic():
            integration.save(force_insert=True)
    except IntegrityError as fault:
        raise IntegrationNameTaken from fault
    record("opened", integration, organization_id=organization_id, actor=actor)
    return issue_key(integration_id=integration.pk, actor=actor)


@transaction.atomic
def issue_key(
    *, integration_id: int, actor: Actor = SYSTEM, expires_at: datetime | None = None
) -> IssuedKey:
    """Make another key; two may live side by side while a shop system changes over."""
    integration = lock_one(Integration, integration_id)
    if _live_keys(integration).count() >= LIVE_KEYS_MAX:
        raise TooManyKeys
    prefix, secret = _new_secret()
    key = ApiKey.objects.create(
        integration=integration, prefix=prefix, digest=digest_of(secret), expires_at=expires_at
    )
    record("issued", key, organization_id=integration.organization_id, actor=actor)
    return IssuedKey(key, secret)


@transaction.atomic
def rotate_key(*, integration_id: int, actor: Actor = SYSTEM) -> IssuedKey:
    """Make a new key and keep only the newest of the others alive beside it."""
    integration = lock_one(Integration, integration_id)
    for key in _live_keys(integration).order_by("-created_at", "-pk")[1:]:
        revoke_key(api_key_id=key.pk, actor=actor, reason="rotated")
    return issue_key(integration_id=integration_id, actor=actor)


@transaction.atomic
def revoke_key(*, api_key_id: int, actor: Actor, reason: str) -> bool:
    """End a key at once and for ever; say whether it was alive."""
    alive = ApiKey.objects.filter(pk=api_key_id, revoked_at__isnull=True)
    if not alive.update(revoked_at=timezone.now()):
        return False
    key = ApiKey.objects.select_related("integration").get(pk=api_key_id)
    organization_id = key.integration.organization_id
    record("revoked", key, organization_id=organization_id, actor=actor, reason=reason)
    return True


def find_key(secret: str) -> ApiKey | None:
    """Return the key that this secret proves, with all that a request asks of it."""
    shape = KEY.fullmatch(secret)
    if shape is None:
        return None
    key = _WITH_PREFIX.one(shape[1])
    kept = bytes(key.digest) if key else b""
    if key is None or not constant_time_compare(digest_of(secret), kept):
        return None
    key.integration = _behind(key)
    return key


def is_live(key: ApiKey, at: datetime) -> bool:
    """Say whether the key opens anything at this moment."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > at)


def note_use(key: ApiKey, at: datetime) -> None:
    """Remember that the key was used, at most once a minute and without waiting for anybody."""
    before = at - USE_IS_NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    with transaction.atomic():
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
        free = unlocked(ApiKey.objects.filter(stale, pk=key.pk))
        ApiKey.objects.filter(pk__in=free.values("pk")).update(last_used_at=at)


def digest_of(secret: str) -> bytes:
    """Return what is kept of a key; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _behind(key: ApiKey) -> Integration:
    """Return whom a key stands for, as last read on this connection unless anything is new."""
    learned = connections[DEFAULT_DB_ALIAS].learned  # type: ignore[attr-defined]  # of our backend
    versions, integration = learned.get(key.integration_id, ("", None))
    if versions != key.versions:  # type: ignore[attr-defined]
        if len(learned) >= LEARNED_MAX:
            learned.clear()
        integration = _INTEGRATION.one(key.integration_id)
        learned[key.integration_id] = key.versions, integration  # type: ignore[attr-defined]
    found: Integration = integration
    return found


def _new_secret() -> tuple[str, str]:
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(PREFIX_LENGTH))
    return prefix, f"rg_live_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"


def _live_keys(integration: Integration) -> QuerySet[ApiKey]:
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return ApiKey.objects.filter(unexpired, integration=integration, revoked_at__isnull=True)


def _clean_name(text: str) -> str:
    with about("name"):
        name = clean_line(text, max_length=NAME_LENGTH_MAX)
    if not name:
        raise NameMissing
    return name


def _known_scopes(named: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(named))
    if wanted == ["all"]:
        return sorted(Scope.values)
    for scope in wanted:
        if scope not in Scope.values:
            raise ScopeUnknown(scope=scope, known=sorted(Scope.values))
    if not wanted:
        raise ScopeUnknown(known=sorted(Scope.values))
    return sorted(wanted)


def _store(organization_id: int, code: str) -> Store:
    store = stores_by_code(organization_id).get(caseless(code))
    if store is None:
        raise StoreCodeUnknown(code=code, field="store")
    return store

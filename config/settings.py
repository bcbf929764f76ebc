"""Settings, all of them from the environment; docs/running.md lists every variable."""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from config.languages import LANGUAGES as SPOKEN
from config.logs import logging_settings
from config.safety import refuse_unsafe
from core.embedded.folder import (
    broker_options,
    broker_url,
    data_folder,
    database_url,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PRODUCTION = env.bool("REGULARS_PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else secret_key())
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else LOCAL_HOSTS)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="")
refuse_unsafe(production=PRODUCTION, debug=DEBUG, secret_key=SECRET_KEY, hosts=ALLOWED_HOSTS)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "js_lib_bootstrap5",
    "heroicons",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "core",
    "members",
    "loyalty",
    "rewards",
    "insights",
]

MIDDLEWARE = [
    # The outermost four see every answer, also those that the inner ones refuse or break.
    "core.middleware.LogRequests",
    "core.middleware.HardenResponses",
    "core.middleware.MeasureRequests",
    "core.middleware.AnswerProblems",
    "core.middleware.RefuseMalformedRequests",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.AnswerPrograms",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.RequireSignIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.appearance",
            ],
        },
    }
]

# --- the one database -------------------------------------------------------------------------
BEHIND_PGBOUNCER = env.bool("BEHIND_PGBOUNCER", default=False)
DATABASE = env.db_url_config(database_url())
DATABASE_OPTIONS = DATABASE.pop("OPTIONS", {})
DATABASES = {
    "default": {
        **DATABASE,
        "HOST": DATABASE_OPTIONS.pop("host", DATABASE["HOST"]),
        "ENGINE": "core.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": BEHIND_PGBOUNCER,
        "OPTIONS": {
            **DATABASE_OPTIONS,
            "options": "-c lock_timeout=2s -c statement_timeout=15s "
            # No query here runs long enough to be worth compiling.
            "-c idle_in_transaction_session_timeout=30s -c jit=off",
            "prepare_threshold": None if BEHIND_PGBOUNCER else 5,
            "server_side_binding": not BEHIND_PGBOUNCER,
        },
    }
}
# Who owns the tables and migrates them; the product itself then connects as somebody lesser.
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
DATABASE_OWNER = (
    {name: env.db_url_config(DATABASE_OWNER_URL)[name] for name in ("USER", "PASSWORD")}
    if DATABASE_OWNER_URL
    else {}
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # It holds the counters that slow down guessing; a guesser must not push them out.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/office/"
ACCOUNT_ADAPTER = "core.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "code_asked": "10/m/ip,60/h/ip",
    "code_tried": "20/m/ip,120/h/ip",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Regulars"
MFA_TOTP_TOLERANCE = 1  # clocks differ, and a code may end while it is being typed
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey stands for both factors
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
PASSWORD_RESET_TIMEOUT = 3600

# --- cookies and headers ----------------------------------------------------------------------
HOST_ONLY = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{HOST_ONLY}sid"
CSRF_COOKIE_NAME = f"{HOST_ONLY}csrf"
REGISTER_COOKIE_NAME = f"{HOST_ONLY}register"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
# Preloading binds the whole domain for years, so the operator decides it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "upgrade-insecure-requests": PRODUCTION,
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- messages to people outside; without an address they are recorded and go nowhere -----------
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.email_url_config(EMAIL_URL) if EMAIL_URL else {})
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="regulars@localhost")
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")

# --- where history's seals are kept beside the database ----------------------------------------
SEALS_COPY = env.str("SEALS_COPY", default="") or str(data_folder() / "seals.jsonl")

# --- languages and places ---------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = SPOKEN
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- background work --------------------------------------------------------------------------
CELERY_BROKER_URL = broker_url()
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 330
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1}
CELERY_BEAT_SCHEDULE = {
    "run nights": {
        "task": "core.run_nights",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "lift tiers": {"task": "loyalty.lift_tiers", "schedule": 60.0},
    "expire due points": {"task": "loyalty.expire_due_points", "schedule": 300.0},
    "end overdue redemptions": {"task": "rewards.end_overdue_redemptions", "schedule": 30.0},
    "expire gift cards": {"task": "rewards.expire_gift_cards", "schedule": 300.0},
    "make gift cards": {"task": "rewards.make_gift_cards", "schedule": 10.0},
    "expire vouchers": {"task": "rewards.expire_vouchers", "schedule": 300.0},
    "close due draws": {"task": "rewards.close_due_draws", "schedule": 20.0},
    "refund canceled draws": {"task": "rewards.refund_canceled_draws", "schedule": 60.0},
    "make voucher codes": {
        "task": "rewards.make_voucher_codes",
        "schedule": 10.0,
        "options": {"expires": 10.0},  # rounds do not pile up behind a long one
    },
    "work on uploads": {
        "task": "loyalty.work_on_uploads",
        "schedule": 5.0,
        "options": {"expires": 5.0},  # rounds do not pile up behind a long one
    },
    "seal entries": {"task": "loyalty.seal_entries", "schedule": 600.0},
    "match parked returns": {"task": "loyalty.match_parked_returns", "schedule": 60.0},
    "relay events": {
        "task": "core.relay_events",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "forget old events": {"task": "core.forget_old_events", "schedule": 3600.0},
    "forget old requests": {"task": "core.forget_old_requests", "schedule": 3600.0},
    "send messages": {"task": "core.send_messages", "schedule": 10.0},
    "forget old messages": {"task": "core.forget_old_messages", "schedule": 3600.0},
    "forget old codes": {"task": "members.forget_old_codes", "schedule": 3600.0},
    "forget old failures": {"task": "core.forget_old_failures", "schedule": 3600.0},
    "forget old look-ups": {"task": "rewards.forget_old_look_ups", "schedule": 3600.0},
    "forget old proof codes": {"task": "rewards.forget_old_proof_codes", "schedule": 3600.0},
}

# --- the HTTP API -----------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.authentication.BearerKey"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.authentication.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.TenantSchema",
    "EXCEPTION_HANDLER": "core.api.problems.answer_problem",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "DESCRIPTION": "Post receipts, look up members, redeem rewards.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}

# --- logs -------------------------------------------------------------------------------------
LOGGING_CONFIG = "config.logs.configure"
LOGGING = logging_settings(level=env.str("LOG_LEVEL", default="INFO"))
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10

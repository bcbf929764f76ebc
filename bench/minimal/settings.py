"""Django with nothing but REST framework, on the same database with the same connections."""

from __future__ import annotations

import os

import environ

BEHIND = environ.Env().db_url_config(os.environ["DATABASE_URL"])
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["rest_framework", "bench.minimal"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # it tells the length of answers
ROOT_URLCONF = "bench.minimal.urls"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": BEHIND["NAME"],
        "USER": BEHIND["USER"],
        "HOST": BEHIND["OPTIONS"]["host"],
        "PORT": BEHIND["PORT"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "options": "-c search_path=minimal",
            "prepare_threshold": 5,
            "server_side_binding": True,
        },
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}

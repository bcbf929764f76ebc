"""The web: what gunicorn serves."""

import os

import django

from core.wsgi import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

application = Handler()

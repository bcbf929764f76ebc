"""The languages that Regulars speaks."""

from __future__ import annotations

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

# Django speaks no Amharic, but shows the languages that it is told of.
LANG_INFO.setdefault("am", {"bidi": False, "code": "am", "name": "Amharic", "name_local": "አማርኛ"})

LANGUAGES = [
    ("en", _("English")),
    ("fi", _("Finnish")),
    ("fa", _("Persian")),
    ("hy", _("Armenian")),
    ("am", _("Amharic")),
    ("vi", _("Vietnamese")),
]

"""Every way a picture is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput


class PictureUnusable(InvalidInput):
    """What was uploaded is no picture of a kind that is understood."""

    code = "picture_unusable"
    field = "picture"
    sentence = _("PNG, JPEG, WebP only. This file is none of them, or it is broken.")


class PictureTooLarge(InvalidInput):
    """A picture has more bytes or pixels than are looked at."""

    code = "picture_too_large"
    field = "picture"
    sentence = _("This picture is too large: at most 2 MB and 16 megapixels.")

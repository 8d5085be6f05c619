"""QR codes: an address that a phone's camera opens. Pure."""

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

# Of four levels the second: a fold or a thumb over a part of it does no harm, and it stays coarse.
ERROR_LEVEL = "m"


def as_svg(address: str, *, title: str) -> SafeString:
    """The code as SVG to stand in a page, without a size of its own; `title` is what is read out."""
    drawn = _code(address).svg_inline(
        omitsize=True, svgclass="pp-code", lineclass=None, title=title, light="#fff"
    )
    return mark_safe(drawn.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308 - segno escapes the title


def as_picture(address: str, *, has_margin: bool = True) -> str:
    """The code as an SVG document.

    A camera needs a margin of four squares. Without it, what stands around the picture has to leave that white.
    """
    content = BytesIO()
    _code(address).save(
        content,
        kind="svg",
        border=None if has_margin else 0,
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return content.getvalue().decode()


def as_png(address: str) -> bytes:
    """The code as a picture that a letter can carry, about 450 pixels wide."""
    content = BytesIO()
    _code(address).save(content, kind="png", scale=8)
    return content.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error=ERROR_LEVEL, micro=False, boost_error=False)

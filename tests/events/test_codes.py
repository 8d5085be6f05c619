"""Codes: a page, a document and a letter each get the same one."""

import struct

from events import codes

ADDRESS = "https://portal.example/events/0b6a0f0e-8e1c-4d5e-9b6a-0f0e8e1c4d5e/check-in/"


def test_code_for_a_page_needs_no_inline_style_and_has_a_name():
    svg = codes.as_svg(ADDRESS, title='<b>"Code"</b>')

    assert svg.startswith('<svg role="img" viewBox="0 0 ')
    assert '<title>&lt;b&gt;"Code"&lt;/b&gt;</title>' in svg
    assert "style" not in svg


def test_code_for_a_letter_is_a_picture_of_some_size():
    png = codes.as_png(ADDRESS)
    width, height = struct.unpack(">II", png[16:24])

    assert png.startswith(b"\x89PNG")
    assert width == height
    assert 300 < width < 600


def test_code_says_the_address():
    assert codes.as_picture(ADDRESS) != codes.as_picture(f"{ADDRESS}x")

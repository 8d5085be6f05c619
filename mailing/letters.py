"""From a rendered template to a letter in two forms: plain text, and the same words in HTML.

A letter is written once, as text. The HTML part is made from it block by block (blocks are parted by
empty lines):

- two lines, the first ending in a colon and the second an address: the one button-like link
- lines that start with "- ": a list
- lines that are all "Key: value": kept as lines
- lines that start with "> ": a quotation, kept as lines
- anything else: a paragraph, its lines joined

Only the lines of the template count: what people typed keeps its line breaks, and can never pose as a
button, a list or a quotation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urljoin

from django.conf import settings

NAME = "Practice Portal"
SUBJECT_LIMIT = 250

# Stands for a line break that came out of a value while the template is rendered, so that the lines
# of the template can be told from the lines of what people typed. No keyboard has it.
VALUE_BREAK = "\x1f"

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Marks that turn the direction of writing turn everything behind them too, unless somebody ends them.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_URL = re.compile(rf"https?://[^\s<>\"{VALUE_BREAK}]+")
_KEY_VALUE = re.compile(r"[A-Z][^:\n]{0,40}: \S")


class LetterFormatError(ValueError):
    """The template does not start with a subject line and an empty line."""


@dataclass(frozen=True)
class Letter:
    """A letter that is ready to be queued; the subject is one line."""

    subject: str
    text: str
    html: str


def absolute_url(path: str) -> str:
    """The address of a path as it stands in a letter, read outside the site."""
    return urljoin(settings.BASE_URL.rstrip("/") + "/", path)


def plain_values(context: Mapping[str, object]) -> dict[str, object]:
    """The context with its texts made harmless: no control characters, line breaks marked."""
    return {name: _plain(value) for name, value in context.items()}


def _plain(value: object) -> object:
    if isinstance(value, str):
        return VALUE_BREAK.join(_CONTROL.sub("", line) for line in _LINE_BREAK.split(value))
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def compose(rendered: str, *, unsubscribe_url: str = "") -> Letter:
    """The letter in a rendered template: "Subject: …", an empty line, then the text.

    Raises LetterFormatError if it does not start that way.
    """
    first, _, rest = rendered.lstrip().partition("\n")
    if not first.startswith("Subject: ") or not rest.startswith("\n"):
        raise LetterFormatError("A letter starts with a line “Subject: …” and an empty line.")
    subject = " ".join(first.removeprefix("Subject: ").replace(VALUE_BREAK, " ").split())
    if len(subject) > SUBJECT_LIMIT:
        subject = subject[: SUBJECT_LIMIT - 1] + "…"
    body = re.sub(r"\n{3,}", "\n\n", rest).strip()
    return Letter(
        subject=subject, text=_text(body, unsubscribe_url), html=_html(subject, body, unsubscribe_url)
    )


def _text(body: str, unsubscribe_url: str) -> str:
    body = "\n".join(_unmarked(line) for line in body.split("\n"))
    footer = [f"Sent by the {NAME}."]
    if unsubscribe_url:
        footer.append(f"To stop letters like this one: {unsubscribe_url}")
    return f"{body}\n\n-- \n" + "\n".join(footer) + "\n"


def _unmarked(line: str) -> str:
    """A line of the template with the line breaks of its values, which stay inside a quotation or item."""
    indent = "> " if line.startswith(">") else "  " if line.startswith("- ") else ""
    return line.replace(VALUE_BREAK, f"\n{indent}")


# --- The HTML part -------------------------------------------------------------------------------
# Outlook on Windows lays out with Word: tables for structure, style on each element, padding in cells alone,
# no greatest width, no SVG, no background pictures. What only it reads stands in comments for "mso". The mark is
# drawn with three table cells, so no picture has to be loaded. tests/mailing/test_outlook.py holds what Word knows.

_FONT = "font-family:'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_P = "margin:0 0 18px 0"
_LINK = "color:#0a5a78;text-decoration:underline;word-break:break-word"

_FRAME = """\
<!DOCTYPE html>
<html lang="en-GB" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{subject}</title>
<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->
</head>
<body style="margin:0;padding:0;background-color:#ffffff">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:24px 16px">
<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0">\
<tr><td width="600"><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px">
<tr><td style="padding:0 0 16px 0;border-bottom:2px solid #0f5765">
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>
<td width="9" height="22" style="width:9px;height:22px;background-color:#0f5765;font-size:0;\
line-height:0;mso-line-height-rule:exactly;border-radius:9px 0 0 0">&nbsp;</td>
<td width="7" height="22" style="width:7px;height:22px;background-color:#0b2f38;font-size:0;\
line-height:0;mso-line-height-rule:exactly;border-radius:7px 7px 0 0">&nbsp;</td>
<td width="9" height="22" style="width:9px;height:22px;background-color:#86bac0;font-size:0;\
line-height:0;mso-line-height-rule:exactly;border-radius:0 9px 0 0">&nbsp;</td>
<td style="padding:0 0 0 10px;{font};font-size:18px;line-height:24px;font-weight:600;color:#13262c">{name}</td>
</tr></table>
</td></tr>
<tr><td style="padding:24px 0 6px 0;{font};font-size:18px;line-height:28px;color:#13262c;\
word-break:break-word;overflow-wrap:anywhere">
{body}
</td></tr>
<tr><td style="padding:16px 0 0 0;border-top:1px solid #d5cdbd;{font};font-size:16px;line-height:24px;\
color:#47585e">{footer}</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""

# Word knows no padding around a link, and takes the cell's instead by a name that nobody else reads.
_BUTTON = """\
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:6px 0 24px 0"><tr>
<td style="background-color:#0f5765;border-radius:4px;mso-padding-alt:11px 20px"><a href="{url}" style="display:inline-block;\
padding:11px 20px;{font};font-size:18px;line-height:24px;font-weight:600;color:#ffffff;\
text-decoration:none;border:1px solid #0f5765;border-radius:4px">{label}</a></td>
</tr></table>"""

_QUOTATION = """\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 18px 0"><tr>
<td style="padding:0 0 0 16px;border-left:4px solid #86bac0;{font};font-size:18px;line-height:28px;color:#13262c;\
word-break:break-word;overflow-wrap:anywhere"><blockquote style="margin:0">
{quoted}
</blockquote></td>
</tr></table>"""


def _html(subject: str, body: str, unsubscribe_url: str) -> str:
    footer = f"Sent by the {NAME}."
    if unsubscribe_url:
        url = escape(unsubscribe_url)
        footer += f'<br><a href="{url}" style="{_LINK}">Stop letters like this one</a>'
    return _FRAME.format(
        subject=escape(subject),
        name=NAME,
        font=_FONT,
        body="\n".join(_blocks(body)),
        footer=footer,
    )


def _blocks(body: str) -> Iterator[str]:
    button_drawn = False
    for block in body.split("\n\n"):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        if len(lines) == 2 and lines[0].endswith(":") and _URL.fullmatch(lines[1].strip()):
            label, url = escape(lines[0].strip(" :")), escape(lines[1].strip())
            if button_drawn:
                yield f'<p style="{_P}"><a href="{url}" style="{_LINK}">{label}</a></p>'
            else:
                yield _BUTTON.format(url=url, label=label, font=_FONT)
            button_drawn = True
        else:
            yield from _parts(lines)


def _parts(lines: list[str]) -> Iterator[str]:
    """The paragraphs, lists and quotations of one block, in their order."""
    if all(_KEY_VALUE.match(line) for line in lines):
        yield _paragraph("<br>\n".join(map(_inline, lines)))
        return
    run: list[str] = []
    kind = ""
    for line in [*lines, ""]:
        line_kind = _kind(line, kind)
        if line_kind != kind and run:
            yield _drawn(kind, run)
            run = []
        kind = line_kind
        if line_kind == "list" and not line.startswith("- "):
            run[-1] += " " + line.strip()
        else:
            run.append(line)


def _kind(line: str, before: str) -> str:
    if not line:
        return "end"
    if line.startswith("- ") or (before == "list" and line.startswith("  ")):
        return "list"
    return "quotation" if line.startswith(">") else "paragraph"


def _drawn(kind: str, lines: list[str]) -> str:
    if kind == "list":
        items = "\n".join(
            f'<li style="margin:0 0 6px 0">{_inline(line.removeprefix("- "))}</li>' for line in lines
        )
        # Word knows no padding of a list, and without a margin its marks stand outside of the letter.
        return f'<ul style="margin:0 0 18px 24px;padding:0">\n{items}\n</ul>'
    if kind == "quotation":
        quoted = "<br>\n".join(_inline(line.removeprefix(">").strip()) for line in lines)
        return _QUOTATION.format(quoted=quoted, font=_FONT)
    return _paragraph(_inline(" ".join(line.strip() for line in lines)))


def _paragraph(html: str) -> str:
    return f'<p style="{_P}">{html}</p>'


def _inline(text: str) -> str:
    """Text as HTML, its addresses as links. A full stop after an address is not part of it."""
    drawn = []
    end = 0
    for found in _URL.finditer(text):
        url = found.group().rstrip(".,;:!?)’”'")
        drawn.append(escape(text[end : found.start()]))
        drawn.append(f'<a href="{escape(url)}" style="{_LINK}">{escape(url)}</a>')
        end = found.start() + len(url)
    drawn.append(escape(text[end:]))
    return "".join(drawn).replace(VALUE_BREAK, "<br>\n")

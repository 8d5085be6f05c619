"""The icons: thirteen of our own on a grid of 24, drawn as lines. Always beside a word, never alone."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHAPES = {
    "calendar": '<path d="M4 6.5h16v14H4zM4 10.5h16M8 3.5v4M16 3.5v4"/>',
    "place": (
        '<path d="M12 21.5s7-6.4 7-11.5a7 7 0 1 0-14 0c0 5.1 7 11.5 7 11.5z"/><circle cx="12" cy="10" r="2.5"/>'
    ),
    "people": (
        '<circle cx="9" cy="8" r="3.5"/>'
        '<path d="M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4'
        'M18 14.6c2.1.9 3.5 2.8 3.5 5.4"/>'
    ),
    "screen": '<path d="M3 5h18v11H3zM8.5 20h7M12 16v4"/>',
    "shield": (
        '<path d="M12 3l7.5 2.5v6c0 4.5-3.2 8-7.5 9.5-4.3-1.5-7.5-5-7.5-9.5v-6zM8.5 12l2.5 2.5 4.5-5"/>'
    ),
    "book": (
        '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v14c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2v-14c-3.5 0-6.5.5-8.5 2z'
        'M12 6.5v14"/>'
    ),
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5l5 5"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4"/>',
    "document": '<path d="M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12.5h6M9 16h6"/>',
    "lock": '<path d="M5.5 11h13v9.5h-13zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
    "flag": '<path d="M5.5 21V4M5.5 4.5h12l-2.5 4 2.5 4h-12"/>',
}


def draw(name: str) -> SafeString:
    """The icon as inline SVG, hidden from screen readers. Raises KeyError for a name that is not ours."""
    return format_html(
        '<svg class="pp-icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(SHAPES[name]),  # noqa: S308 - our own constants
    )

"""What the templates of all apps keep to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Wagtail's admin has its own look and policy, letters are no web pages.
ELSEWHERE = {"admin", "wagtailadmin", "mail", "messages"}
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if not ELSEWHERE & set(path.relative_to(ROOT).parts)
)
# Names that GOV.UK Frontend writes without a rule of their own, and what its scripts look for.
UNSTYLED = {"govuk-password-input", "govuk-table__body", "govuk-table__row"}
EXPRESSION = re.compile(r"\{[%#{].*?[%#}]\}", re.DOTALL)


def classes_in(template: str) -> Iterator[str]:
    """Every class that is written out in full; one that is put together from parts cannot be looked up."""
    html = EXPRESSION.sub("\0", template)
    for value in re.findall(r'\bclass="([^"]*)"', html):
        yield from (
            name for name in value.replace("\0", " \0 ").split(" ") if re.fullmatch(r"[a-z][\w!-]+", name)
        )


def test_classes_are_found_beside_expressions():
    template = (
        '<p class="one {% if x == "y" %}two{% endif %} three--{{ four }} {{ five }}"><b class="six"></b>'
    )

    assert list(classes_in(template)) == ["one", "two", "three--", "six"]


@pytest.fixture(scope="module")
def known() -> set[str]:
    css = (ROOT / "static" / "portal" / "portal.css").read_text()
    return {name.replace("\\", "") for name in re.findall(r"\.(-?[A-Za-z_][\w\\!-]*)", css)} | UNSTYLED


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_uses_only_classes_of_the_look(path, known):
    used = {name for name in classes_in(path.read_text()) if not name.startswith("govuk-js-")}

    assert {name for name in used - known if not name.endswith("-")} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_draws_nothing_that_fills_a_page_without_the_stylesheet(path):
    drawings = re.findall(r"<svg\b[^>]*\bviewBox=[^>]*>", path.read_text())

    assert [tag for tag in drawings if not (" width=" in tag and " height=" in tag)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_brings_no_inline_code(path):
    html = EXPRESSION.sub("x", path.read_text())

    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert [tag for tag in scripts if "src=" not in tag and 'type="application/json"' not in tag] == []

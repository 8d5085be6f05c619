"""Going through pages as a visitor does, and what must hold on every one of them."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Page as Window
from wagtail.models import Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = 1280
PHONE = 320
HEIGHT = 900

FILES = (".ics", ".ris", ".bib", ".zip", ".xml")

AXE = Axe()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


@dataclass
class Watch:
    """Writes down what a visitor's browser complains about."""

    complaints: list[str] = field(default_factory=list)

    def over(self, page: Window) -> None:
        page.on("console", lambda message: self._console(message.type, message.text, page.url))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", lambda answer: self._response(answer.status, answer.url))

    def _console(self, kind: str, text: str, url: str) -> None:
        if kind in {"error", "warning"} and "Content Security Policy" in text:
            self.complaints.append(f"{url}: {text}")

    def _response(self, status: int, url: str) -> None:
        # A page that is not there may be part of a journey, a missing picture or script never is.
        if status >= 500 or (status == 404 and urlsplit(url).path.startswith(("/static/", "/media/"))):
            self.complaints.append(f"{url}: {status}")


def faults(page: Window) -> Iterator[str]:
    """What is wrong with the page as it stands: axe's violations, and scrolling sideways on a phone."""
    width = page.viewport_size["width"]
    where = f"{urlsplit(page.url).path} at {width} px"
    found = AXE.run(page, options=RULES)
    for violation in found.response["violations"]:
        for node in violation["nodes"]:
            yield f"{where}: {violation['id']}: {violation['help']}: {node['html'][:160]}"
    if page.evaluate("document.documentElement.scrollWidth") > width:
        yield f"{where}: scrolls sideways ({', '.join(too_wide(page))})"


def too_wide(page: Window) -> list[str]:
    """The elements that stick out to the right, for the message of a failing test."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main *, header *, footer *")]
            .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .slice(0, 3).map(e => e.tagName.toLowerCase() + "." + (e.getAttribute("class") || ""))"""
    )


def links_on(page: Window) -> list[str]:
    """The addresses on this site that the page's links lead to, without fragments and files."""
    found = page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    here = urlsplit(page.url)
    whole = (urldefrag(urljoin(page.url, href)).url for href in found)
    return [
        url
        for url in dict.fromkeys(whole)
        if urlsplit(url).netloc == here.netloc and not urlsplit(url).path.endswith(FILES)
    ]


def sort_of(url: str) -> str:
    """What kind of page is at an address: its view, or for pages of the tree their type.

    A crawl needs to see each kind a few times, not each of five hundred events.
    """
    path = urlsplit(url).path
    try:
        match = resolve(path)
    except Resolver404:
        return path
    if match.view_name != "wagtail_serve":
        return match.view_name
    page = Page.objects.filter(url_path=f"/home{path}").first()
    return page.specific_class.__name__ if page else path


def crawl(
    page: Window,
    starts: Iterable[str],
    *,
    within: str = "/",
    leave_out: tuple[str, ...] = (),
    of_each_sort: int,
    sort: Callable[[str], str] = sort_of,
) -> Iterator[str]:
    """Open the pages of `starts` and, of those that links lead to, a few of each sort; yield each address.

    The caller looks at `page` when an address is yielded. Links are followed whose path starts with `within`
    and with none of `leave_out`.
    """
    waiting = list(starts)
    seen = set(waiting)
    visited: Counter[str] = Counter()
    wanted = set(waiting)
    while waiting:
        url = waiting.pop(0)
        kind = sort(url)
        if visited[kind] >= of_each_sort and url not in wanted:
            continue
        visited[kind] += 1
        answer = page.goto(url)
        assert answer is not None and answer.ok, f"{url}: {answer and answer.status}"
        yield url
        for link in links_on(page):
            path = urlsplit(link).path
            if link not in seen and path.startswith(within) and not path.startswith(leave_out):
                seen.add(link)
                waiting.append(link)


# Everything the keyboard should reach, in the order of the page; of a group of radios the first one.
CONTROLS = """() => {
    const seen = new Set();
    return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(e => {
        if (e.disabled || e.type === "hidden" || e.tabIndex < 0 || !e.checkVisibility()) return false;
        if (e.type !== "radio") return true;
        const isFirst = !seen.has(e.name);
        seen.add(e.name);
        return isFirst;
    });
}"""
# How a control and what is drawn beside it look: a focus that can be seen changes something of it.
LOOK = """e => [e, e.parentElement, e.nextElementSibling].filter(Boolean).flatMap(x => [null, "::before"].map(part => {
    const s = getComputedStyle(x, part);
    return [s.outlineStyle, s.outlineWidth, s.boxShadow, s.backgroundColor, s.borderColor].join();
})).join("|")"""
NAME = "e => (e.innerText || e.getAttribute('aria-label') || e.name || e.id || e.tagName).trim()"


@dataclass(frozen=True)
class Stop:
    """Where the focus went with one press of Tab."""

    name: str
    is_seen: bool


def controls_on(page: Window) -> list[str]:
    """The names of all controls, in the order of the page."""
    return page.evaluate(f"() => ({CONTROLS})().map({NAME})")


def tab_through(page: Window) -> list[Stop]:
    """Press Tab from the top of the page until every control should have had its turn."""
    page.evaluate(f"() => {{ for (const e of ({CONTROLS})()) e.atRest = ({LOOK})(e); }}")
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    stops = []
    for _ in controls_on(page):
        page.keyboard.press("Tab")
        found = page.evaluate(
            f"""() => {{
                const e = document.activeElement, box = e.getBoundingClientRect();
                const isOnScreen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
                return {{name: ({NAME})(e), is_seen: isOnScreen && ({LOOK})(e) !== e.atRest}};
            }}"""
        )
        stops.append(Stop(**found))
    return stops


def tab_to(page: Window, name: str) -> None:
    """Press Tab until the control of this name has the focus. Fails if there is none."""
    passed = []
    for _ in range(150):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(f"() => ({NAME})(document.activeElement)"))
        if passed[-1] == name:
            return
    raise AssertionError(f"“{name}” is not reached by the keyboard: {as_json(passed)}")


def serve(page: Window, body: str, *, policy: str = "default-src 'self'") -> None:
    """Show a page of our own, to see whether an instrument notices what is wrong with it."""
    page.route(
        "**/specimen/",
        lambda route: route.fulfill(
            body=f"<!DOCTYPE html><html lang='en'><title>Specimen</title><main>{body}</main></html>",
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        ),
    )
    page.goto("/specimen/")


def as_json(found: object) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)

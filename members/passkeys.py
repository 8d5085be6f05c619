"""Where passkeys work: browsers keep them for names, never for the number of a machine."""

import ipaddress
from urllib.parse import urlsplit, urlunsplit


def named_address(url: str, base_url: str) -> str | None:
    """The same page at an address with a name, for a page that was opened by number.

    None if the address has a name already; empty if nobody knows one. This machine is “localhost”, any other
    has the name in `base_url`.
    """
    parts = urlsplit(url)
    number = _number(parts.hostname)
    if number is None:
        return None
    if number.is_loopback:
        place = f"localhost:{parts.port}" if parts.port else "localhost"
        return urlunsplit(parts._replace(netloc=place))
    ours = urlsplit(base_url)
    if _number(ours.hostname) is not None or ours.hostname == "localhost":
        return ""
    return urlunsplit(parts._replace(scheme=ours.scheme, netloc=ours.netloc))


def _number(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host or "")
    except ValueError:
        return None

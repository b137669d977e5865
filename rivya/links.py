"""Which addresses a result is fetched from: public ones over https, or this machine's own."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from rivya.errors import APIConnectionError, ConfigurationError


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` points to this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_result_url(url: str, *, allow_loopback: bool) -> None:
    """Refuse a result link that points into a private network or nowhere; raises ``ConfigurationError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise _refused_link("only well-formed links are fetched") from None
    if allow_loopback and parts.scheme in {"http", "https"} and is_loopback(url):
        return
    if parts.scheme != "https" or not host:
        raise _refused_link("only https links are fetched")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise _refused_link("only well-formed links are fetched") from None
    except OSError as error:
        raise APIConnectionError("result host not found", request_sent=False) from error
    if any(not ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found):
        raise _refused_link("only public hosts are fetched")


def _refused_link(remedy: str) -> ConfigurationError:
    return ConfigurationError(f"result link refused: {remedy}", setting="result URL", remedy=remedy)

"""Talking to a witness over HTTP: no redirects, a limit on bytes, and one deadline for the whole exchange."""

import contextlib
import http.client
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST = 64 * 1024  # bytes that an answer may have


class Unreachable(Exception):
    """No usable answer came. Carries a sentence."""


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes


def exchange(method: str, url: str, body: bytes | None, timeout: float) -> Answer:
    """One request. `timeout` is in seconds and holds for everything, however slowly the bytes trickle."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    except (ValueError, http.client.InvalidURL) as error:
        raise Unreachable(f"has an address that cannot be used ({error})") from None
    late = threading.Event()
    timer: threading.Timer | None = None
    try:
        connection.connect()
        timer = threading.Timer(timeout, _cut, [connection.sock, late])
        timer.daemon = True
        timer.start()
        found = _asked(connection, method, parts.path or "/", body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) or late.is_set():
            raise Unreachable(f"did not answer within {timeout:g} s") from None
        raise Unreachable(f"did not answer ({error or type(error).__name__})") from None
    finally:
        if timer is not None:
            timer.cancel()
        connection.close()
    if late.is_set():
        raise Unreachable(f"did not answer within {timeout:g} s")
    return found


def _cut(line: socket.socket, late: threading.Event) -> None:
    """The deadline: a socket's own timeout starts anew with every byte."""
    late.set()
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _asked(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None
) -> Answer:
    headers = {"Connection": "close"}
    if body is not None:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    connection.request(method, path, body, headers)
    with contextlib.closing(connection.getresponse()) as answer:
        found = answer.read(MOST + 1)
        if len(found) > MOST:
            raise Unreachable(f"answered with more than {MOST} bytes")
        return Answer(answer.status, answer.getheader("Content-Type") or "", found)

"""The small witness on HTTP: the standard library's threaded server, with limits."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tracker.journal.witness.keeper import Keeper, Reply

MOST = 256 * 1024  # bytes of a request


AT_ONCE = 32  # requests; more wait in the socket's own queue
SECONDS = 15  # that one request may take, however slowly it is sent


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], keeper: Keeper) -> None:
        self.keeper = keeper
        self.places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.places.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        timer = threading.Timer(SECONDS, _cut, [request])
        timer.daemon = True
        timer.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            timer.cancel()
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that went away is no error of ours."""


def _cut(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 10
    server_version = "countersign-witness"
    sys_version = ""

    def do_POST(self) -> None:
        if self.path != "/add-checkpoint":
            self._answer(Reply(404, "Checkpoints are sent to /add-checkpoint.\n"))
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            self._answer(Reply(411, "State the length of the request.\n"))
        elif int(length) > MOST:
            self._answer(Reply(413, f"A request has at most {MOST} bytes.\n"))
        else:
            self._answer(self.server.keeper.add_checkpoint(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        name, slash, rest = self.path.removeprefix("/").partition("/")
        if slash and rest == "checkpoint":
            self._answer(self.server.keeper.kept(name))
        elif self.path == "/":
            self._answer(Reply(200, self.server.keeper.key.verifier.vkey + "\n"))
        else:
            self._answer(Reply(404, "There is no such page.\n"))

    def _answer(self, reply: Reply) -> None:
        body = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was kept stands in the database."""

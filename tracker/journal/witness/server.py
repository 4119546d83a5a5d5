"""The small witness on HTTP: the standard library's threaded server, with limits."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tracker.journal.witness.keeper import Keeper, Reply

MOST = 256 * 1024  # bytes of a request


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def __init__(self, address: tuple[str, int], keeper: Keeper) -> None:
        self.keeper = keeper
        super().__init__(address, Handler)


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
        if not (length.isascii() and length.isdigit()):
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

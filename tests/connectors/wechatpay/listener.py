"""A small HTTP server that takes callbacks down and answers as it is told."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """On a free port of this machine; `answers` are taken in turn, the last one for ever."""

    def __init__(self, *answers: int) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers = list(answers) or [204]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.taken.append((dict(self.headers.items()), body))
                self.send_response(outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0])
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callbacks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        """So many callbacks, as they came."""
        for _ in range(400):
            if len(self.taken) >= count:
                return list(self.taken)
            time.sleep(0.01)
        raise AssertionError(f"{len(self.taken)} of {count} callbacks")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

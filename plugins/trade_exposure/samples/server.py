"""A local feed server: speaks the real wire formats of the sources on loopback, from a folder of replies.

Made for demonstrations, tests and replays. It never reaches out, and never logs a key.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from trade_exposure.errors import BadInput
from trade_exposure.samples.faults import Fault, FaultPlan
from trade_exposure.samples.folder import ReplyFolder
from trade_exposure.samples.sources import Sources, api_of, fault_answer, source_of
from trade_exposure.samples.wire import Told

SAMPLE_KEY = "sample+key/of+the/local+server=="  # reserved characters, so that a wrong encoding is noticed
_DAILY_CALLS = 10_000
_SLOW_SECONDS = 2.0
_TIME_OUT_SECONDS = 600.0
_KEY = re.compile(r"(serviceKey=|authkey=|/api/[^/\s]*/)[^&/?\s]*", re.IGNORECASE)


class FeedServer:
    """The server as a context manager; ``url`` is its base, ``requests`` the request lines so far, keys masked.

    ``key`` is the one key that is accepted, None accepts any. ``synthetic`` is what the server says of its data: False
    only for a folder of real recorded replies. ``faults`` are names as in :class:`~trade_exposure.samples.faults.Fault`.
    ``port`` 0 takes a free one. After ``daily_calls`` of a day each source (of the gateway, each service) says that they are
    used up, until :meth:`new_day`. With ``is_revised`` the customs service gives its months as amended later.

    Raises:
        BadInput: the folder is missing, empty or unreadable; a fault is unknown; the port is taken.
    """

    def __init__(
        self,
        replies: Path,
        key: str | None = None,
        synthetic: bool = True,
        faults: Iterable[Fault | str] = (),
        port: int = 0,
        daily_calls: int | None = None,
        is_revised: bool = False,
    ) -> None:
        self.requests: list[str] = []
        self._sources = Sources(ReplyFolder(replies), key)
        self._sources.is_revised = is_revised
        self._most = daily_calls
        self._calls: Counter[str] = Counter()
        self._synthetic = "true" if synthetic else "false"
        self._plan = FaultPlan(faults)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _bind(port, self)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base URL, with the port that was taken."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()

    def run_forever(self) -> None:
        """Serve in this thread until interrupted (Ctrl-C)."""
        try:
            self._server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            self._stopping.set()
            self._server.server_close()

    def revise(self) -> None:
        """From now on the customs service gives its months as amended later."""
        self._sources.is_revised = True

    def new_day(self) -> None:
        """The sources count their calls anew."""
        with self._lock:
            self._calls.clear()

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one GET."""
        parts = urlsplit(request.path)
        with self._lock:
            self.requests.append(_KEY.sub(r"\1***", request.requestline))
            self._calls[api_of(parts.path)] += 1
            calls = self._calls[api_of(parts.path)]
        fault = self._plan.next()
        if fault is None and self._most is not None and calls > self._most:
            fault = "daily-quota"
        if fault == "time-out":
            self._stopping.wait(_TIME_OUT_SECONDS)
            request.close_connection = True
            return
        if fault == "slow":
            self._stopping.wait(_SLOW_SECONDS)

        def answer() -> Told:
            return self._sources.answer(parts.path, parts.query)

        told = fault_answer(fault, source=source_of(parts.path), answer=answer) if fault else answer()
        self._send(request, told, calls=calls, is_cut=fault == "truncated")

    def _send(self, request: BaseHTTPRequestHandler, told: Told, *, calls: int, is_cut: bool) -> None:
        request.send_response(told.status)
        request.send_header("Content-Type", told.media_type)
        request.send_header("Content-Length", str(len(told.body)))
        request.send_header("X-Data-Synthetic", self._synthetic)
        if told.is_success:
            most = self._most or _DAILY_CALLS
            request.send_header("X-RateLimit-Limit", str(most))
            request.send_header("X-RateLimit-Remaining", str(max(most - calls, 0)))
        if is_cut:
            request.close_connection = True
        request.end_headers()
        try:
            request.wfile.write(told.body[: len(told.body) // 2] if is_cut else told.body)
            request.wfile.flush()
        except ConnectionError:  # the client did not wait
            request.close_connection = True


def _bind(port: int, feed_server: FeedServer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for headers and body

        def do_GET(self) -> None:  # the name that http.server calls
            feed_server.respond(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Say nothing: a request line holds a key."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise BadInput(f"Port {port} cannot be used for the feed server ({error.strerror}); choose another.") from None
    server.daemon_threads = True
    return server

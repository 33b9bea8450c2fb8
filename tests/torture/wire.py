"""A wire between the service and its mailbox that can be cut in the middle of an answer, and go silent."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.servers import HOST


class Wire(socketserver.ThreadingTCPServer):
    """Passes bytes on to the port `behind`.

    `cuts` says after how many bytes of answers each of the next connections ends; `open` cleared makes it
    silent, as a server that hangs is.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Passing)
        self.behind = 0
        self.cuts: list[int] = []
        self.open = threading.Event()
        self.open.set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Passing(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire = self.server
        assert isinstance(wire, Wire)
        left = wire.cuts.pop(0) if wire.cuts else None
        with suppress(OSError), socket.create_connection((HOST, wire.behind)) as behind:
            asking = threading.Thread(target=_pass, args=(wire, self.request, behind, None), daemon=True)
            asking.start()
            _pass(wire, behind, self.request, left)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)


def _pass(wire: Wire, source: socket.socket, sink: socket.socket, left: int | None) -> None:
    """Pass bytes on until the source ends, or `left` of them have passed."""
    with suppress(OSError):
        while data := source.recv(65536 if left is None else min(65536, left)):
            wire.open.wait()
            sink.sendall(data)
            left = None if left is None else left - len(data)
            if left == 0:
                break
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire() -> Iterator[Wire]:
    """Run a wire; `behind` is to be set before it is used."""
    with Wire() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            running.open.set()
            running.shutdown()
            thread.join()

"""How the bytes of an answer go over the wire: as they should, or as one of the wire's faults lets them."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from random import SystemRandom

from data.demo.exchange import Response

_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_SILENCE_SECONDS = 300.0
_MOST_PIECES = 40
_random = SystemRandom()

Pause = Callable[[float], object]


def head_of(response: Response) -> bytes:
    """Status line and headers; the length is the body's unless the headers say another."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    headers = {"Content-Length": str(len(response.body)), **response.headers}
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def send(connection: socket.socket, response: Response, *, with_body: bool, pause: Pause) -> bool:
    """Whether the connection may be used for another request."""
    message = head_of(response) + (response.body if with_body else b"")
    if response.travel:
        _FAULTY[response.travel](connection, message, pause)
        return response.travel in {"latency", "bandwidth", "slicer"}
    connection.sendall(message)
    return response.headers.get("Content-Length", str(len(response.body))) == str(len(response.body))


def _pieces(message: bytes, least: int) -> Iterator[bytes]:
    size = max(least, len(message) // _MOST_PIECES)
    return (message[start : start + size] for start in range(0, len(message), size))


def _late(connection: socket.socket, message: bytes, pause: Pause) -> None:
    pause(_random.uniform(0.005, 0.1))
    connection.sendall(message)


def _trickled(connection: socket.socket, message: bytes, pause: Pause) -> None:
    for piece in _pieces(message, 4096):
        connection.sendall(piece)
        pause(0.004)


def _sliced(connection: socket.socket, message: bytes, pause: Pause) -> None:
    for piece in _pieces(message, 64):
        connection.sendall(piece)
        pause(0.0005)


def _closed_later(connection: socket.socket, message: bytes, pause: Pause) -> None:
    connection.sendall(message)
    pause(0.05)


def _reset_half_way(connection: socket.socket, message: bytes, pause: Pause) -> None:
    del pause
    connection.sendall(message[: len(message) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    socket.close(connection.detach())


def _cut_off(connection: socket.socket, message: bytes, pause: Pause) -> None:
    del pause
    connection.sendall(message[: len(message) * 2 // 3])


_FAULTY: dict[str, Callable[[socket.socket, bytes, Pause], None]] = {
    "latency": _late,
    "bandwidth": _trickled,
    "slicer": _sliced,
    "slow-close": _closed_later,
    "timeout": lambda _connection, _message, pause: _wait(pause, 0.05),
    "silence": lambda _connection, _message, pause: _wait(pause, _SILENCE_SECONDS),
    "reset": lambda _connection, _message, _pause: None,
    "reset-peer": _reset_half_way,
    "limit-data": _cut_off,
}


def _wait(pause: Pause, seconds: float) -> None:
    pause(seconds)

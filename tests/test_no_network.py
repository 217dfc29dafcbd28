"""The ban itself: a test that goes to the network fails, whatever the code around the call catches."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress

import pytest

ADDRESS = "192.0.2.1"  # of RFC 5737: nobody's


def connect():
    with socket.socket() as ours:
        ours.connect((ADDRESS, 9))


def look_up():
    socket.getaddrinfo(ADDRESS, 9)


@pytest.mark.parametrize("call", [connect, look_up])
def test_the_ban_is_not_caught_with_the_errors_of_the_network(call):
    with pytest.raises(BaseException, match="a test went to the network"), suppress(Exception):
        call()


def test_a_child_is_banned_too():
    code = f"import socket\ntry: socket.create_connection(({ADDRESS!r}, 9), 1)\nexcept Exception: pass"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert run.returncode != 0
    assert "a test went to the network" in run.stderr

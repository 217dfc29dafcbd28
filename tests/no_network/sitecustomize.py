"""No test may reach the network: any socket outside loopback fails, here and in every child.

Python imports a module of this name at start-up, so `PYTHONPATH` carries the ban into
kernels and subprocesses; `conftest.py` imports it for the test process itself.
"""

import sys


class WentToTheNetwork(BaseException):
    """Not an Exception, which code around a network call may catch and so hide."""


_LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}


def _forbid(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in _LOOPBACK:
        raise WentToTheNetwork(f"a test went to the network: {event} {host!r}")


sys.addaudithook(_forbid)

"""The socket that the door listens on."""

import socket

import pytest

from github_app.server import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_written_goes_out_at_once(host: str) -> None:
    """The second half of an answer does not wait until the first is acknowledged."""
    with listen(host, 0) as listener, socket.create_connection(listener.getsockname()[:2]):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

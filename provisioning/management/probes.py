"""Who answers, and which ports are free."""

import http.client
import socket

from celery import Celery
from redis import Redis
from redis.exceptions import RedisError

LOOPBACK = "127.0.0.1"


def broker_answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def worker_answers(queue: str, url: str) -> bool:
    """Whether the worker of the queue on this machine takes commands, which it does once it takes messages."""
    app = Celery(broker=url, set_as_current=False)
    try:
        return bool(app.control.ping([f"{queue}@{socket.gethostname()}"], timeout=0.5))
    finally:
        app.close()


def web_answers(host: str, port: int) -> bool:
    """Whether a web server answers there, and not with an error of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])

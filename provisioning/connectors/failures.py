"""A failed connection, in a sentence that somebody who does not know TCP can act on."""

import re
import socket
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from provisioning.connectors.http import AnswerTooLarge
from provisioning.sentences import Sentence


def explain(error: Exception, service: str, host: str) -> Sentence:
    """What happened and what to do. `service` is the name people know it by, e.g. "GoTo"; `host` is "name:port"."""
    causes = list(_causes(error))
    if any(isinstance(cause, AnswerTooLarge) for cause in causes):
        return Sentence(
            "%(service)s (%(host)s) sent more than can be an answer. Check that the address is the right one.",
            service=service,
            host=host,
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Sentence(
            "The proxy on the way to %(service)s (%(host)s) cannot be reached or refused the connection. Check the "
            "proxy address in the settings of this deployment.",
            service=service,
            host=host,
        )
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return Sentence(
            "The name of %(service)s (%(host)s) could not be looked up. Check that the address is spelled correctly "
            "and that the DNS of this network works.",
            service=service,
            host=host,
        )
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Sentence(
            "The certificate of %(service)s (%(host)s) is not trusted: %(reason)s. If your network "
            "inspects encrypted traffic, add its certificate authority to the CA file of this deployment.",
            service=service,
            host=host,
            reason=_certificate_reason(causes),
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Sentence(
            "No secure connection to %(service)s (%(host)s) could be made. Check that the address starts with https "
            "and that nothing between this server and the host changes encrypted traffic.",
            service=service,
            host=host,
        )
    if isinstance(error, requests.ConnectTimeout):
        return Sentence(
            "%(service)s (%(host)s) did not accept a connection in time. Check that the firewall or proxy lets this "
            "server reach that host.",
            service=service,
            host=host,
        )
    if any(isinstance(cause, TimeoutError | ReadTimeoutError | requests.Timeout) for cause in causes):
        return Sentence(
            "%(service)s (%(host)s) took too long to answer. This usually passes; it is tried again by itself.",
            service=service,
            host=host,
        )
    if any(isinstance(cause, NewConnectionError | ConnectionRefusedError) for cause in causes):
        return Sentence(
            "%(service)s (%(host)s) cannot be reached. Check the address, and that the firewall or proxy lets this "
            "server reach that host.",
            service=service,
            host=host,
        )
    return Sentence(
        "The connection to %(service)s (%(host)s) was lost before the answer was complete. It is tried again by "
        "itself.",
        service=service,
        host=host,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps: urllib3 keeps the cause in `args` or `reason`, Python in the chain."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _certificate_reason(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return re.sub(r"\s*\(_ssl\.c.*", "", cause.verify_message or "verification failed")
    return "verification failed"

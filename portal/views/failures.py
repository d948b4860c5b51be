"""What is shown where a request failed. Nothing here asks the database: it may be what failed."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from portal.preferences import theme_of

RETRY_AFTER_SECONDS = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the exception is handled: 503 where the database is away or locked, else 500."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    context = {"theme": theme_of(request), "address": request.get_full_path(), "asked": request.method == "GET"}
    page = loader.get_template("503.html" if away else "500.html").render(context)
    response = HttpResponse(page, status=503 if away else 500)
    if away:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response

"""The provisioning log as files, by the filter that the list has."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import translation
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from portal.access import get_application
from portal.export import CSV_FILES, as_csv, as_json
from portal.logs import LogFilter


@require_safe
def download(request: HttpRequest, application_id: int, name: str) -> HttpResponseBase:
    """`name` is "ProvisioningLogs.json", or one of the three CSV files."""
    application = get_application(request, application_id)
    rows = LogFilter(request.GET).rows(application.job)
    stem, _dot, kind = name.rpartition(".")
    if kind == "json" and stem == "ProvisioningLogs":
        parts, content_type = as_json(rows, application), "application/json"
    elif kind == "csv" and stem in CSV_FILES:
        parts, content_type = as_csv(stem, rows, application), "text/csv; charset=utf-8"
    else:
        raise Http404
    response = StreamingHttpResponse(in_english(parts), content_type=content_type)
    stamp = f"{now():%Y-%m-%d-%H%M}"
    response["Content-Disposition"] = f'attachment; filename="{stem}_{stamp}.{kind}"'
    return response


def in_english(parts: Iterator[str]) -> Iterator[str]:
    """Files are read by programs: their texts do not change with the reader's language."""
    with translation.override("en"):
        yield from parts

"""What a browser prefers: theme and time zone. Cookies, so that they hold on the sign-in page as well."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

THEME, ZONE = "theme", "timezone"
THEMES = ("light", "dark", "system")
COOKIE_LIFE = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME, "")
    return chosen if chosen in THEMES else "system"


class TimeZoneMiddleware:
    """Shows times in the zone of the administrator's browser, which a script put into a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = available_timezones()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(ZONE, "")
        if name not in self.known:
            return self.get_response(request)
        with timezone.override(ZoneInfo(name)):
            return self.get_response(request)

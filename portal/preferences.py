"""What a browser prefers: theme, language, time zone, keys. Cookies, so that they hold on the sign-in page as well.

Whoever prefers nothing gets what the installation has set.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from provisioning.models import Installation

THEME, ZONE, LETTERS = "theme", "timezone", "letters"
THEMES = ("light", "dark", "system")
COOKIE_LIFE = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME, "")
    return chosen if chosen in THEMES else "system"


def letters_of(request: HttpRequest) -> bool:
    """Whether shortcuts of a single letter work. Source: WCAG 2.2, "Character Key Shortcuts"."""
    return request.COOKIES.get(LETTERS) != "off"


def installation(request: HttpRequest) -> Installation:
    """What the installation has set, read once a request; while the database does not answer, its defaults."""
    known: Installation | None = getattr(request, "_installation", None)
    if known is None:
        try:
            known = Installation.in_force()
        except DatabaseError:  # whichever page is asked for says so itself, or needs no database
            known = Installation.defaults()
        request._installation = known  # type: ignore[attr-defined]  # kept for the rest of the request
    return known


class LanguageMiddleware(LocaleMiddleware):
    """The language that was chosen or that the browser asks for, as long as it is one of ours."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if not _asks_for_a_language(request):
            translation.activate(installation(request).language)
            request.LANGUAGE_CODE = translation.get_language()


def _asks_for_a_language(request: HttpRequest) -> bool:
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    wanted = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *(code for code, _ in accepted)]
    return any(map(_is_spoken, wanted))


def _is_spoken(code: str) -> bool:
    try:
        return bool(translation.get_supported_language_variant(code))
    except LookupError:
        return False


class TimeZoneMiddleware:
    """Shows times in the zone of the administrator's browser, which a script put into a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = available_timezones()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(ZONE, "")
        zone = name if name in self.known else installation(request).time_zone
        with timezone.override(ZoneInfo(zone)):
            return self.get_response(request)

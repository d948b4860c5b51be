"""Every address with who may use it. One table, so that no page can be forgotten: tests walk it."""

from django.urls import URLPattern, include, path
from django.views.i18n import set_language

from portal.access import Level, View, guarded
from portal.views import accounts, applications, downloads, home, job, logs, overview


def page(route: str, view: View, name: str, level: Level = Level.READER) -> URLPattern:
    return path(route, guarded(view, level), name=name)


application = [
    page("", overview.overview, "overview"),
    page("live", overview.live, "live"),
    page("cycles", overview.cycles, "cycles"),
    page("start", job.start, "start", Level.ADMINISTRATOR),
    page("stop", job.stop, "stop", Level.ADMINISTRATOR),
    page("restart", job.restart, "restart", Level.ADMINISTRATOR),
    page("removals/<str:decision>", job.removals, "removals", Level.ADMINISTRATOR),
    page("logs", logs.logs, "logs"),
    page("logs/newer", logs.newer, "logs-newer"),
    page("logs/files/<str:name>", downloads.download, "log-download"),
    page("logs/<uuid:change_id>", logs.log, "log"),
]

urlpatterns = [
    page("", home.home, "home"),
    page("sign-in", accounts.sign_in, "sign-in", Level.PUBLIC),
    page("sign-out", accounts.sign_out, "sign-out", Level.PERSONAL),
    page("welcome", accounts.welcome, "welcome", Level.PUBLIC),
    page("password", accounts.password, "password", Level.PERSONAL),
    page("preferences", accounts.preferences, "preferences", Level.PUBLIC),
    page("language", set_language, "language", Level.PUBLIC),
    page("applications", applications.applications, "applications"),
    path("applications/<int:application_id>/", include(application)),
]

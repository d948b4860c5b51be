"""Every address with who may use it. One table, so that no page can be forgotten: tests walk it."""

from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views.i18n import set_language

from portal.access import Level, View, guarded
from portal.views import (
    accounts,
    applications,
    audit,
    authorization,
    directory,
    downloads,
    expressions,
    gallery,
    health,
    home,
    impact,
    job,
    keys,
    licences,
    logs,
    mapping,
    notifications,
    on_demand,
    overview,
    people,
    preview,
    properties,
    provisioning,
    questions,
    roles,
    schema,
    scope,
    search,
    settings,
    tenants,
    testing,
    users,
)


def page(route: str, view: View, name: str, level: Level = Level.READER) -> URLPattern:
    return path(route, guarded(view, level), name=name)


def change(route: str, view: View, name: str) -> URLPattern:
    """What readers have no business with, not even to look."""
    return page(route, view, name, Level.ADMINISTRATOR)


application = [
    page("", overview.overview, "overview"),
    page("live", overview.live, "live"),
    page("cycles", overview.cycles, "cycles"),
    change("start", job.start, "start"),
    change("stop", job.stop, "stop"),
    change("restart", job.restart, "restart"),
    change("retry", job.retry, "retry"),
    change("removals/<str:decision>", job.removals, "removals"),
    page("properties", properties.properties, "properties"),
    change("delete", properties.application_delete, "application-delete"),
    page("users", users.users, "users"),
    page("users/options", users.principals, "principals"),
    change("users/add", users.user_add, "user-add"),
    change("users/role", users.user_role, "user-role"),
    change("users/remove", users.user_remove, "user-remove"),
    page("roles", roles.roles, "roles"),
    page("provisioning", provisioning.provisioning, "provisioning"),
    change("provisioning/test", provisioning.test_connection, "test-connection"),
    change("provisioning/message", provisioning.test_message, "test-message"),
    change("provisioning/authorize", authorization.authorize, "authorize"),
    page("mapping", mapping.mapping, "mapping"),
    change("mapping/attribute", mapping.attribute, "attribute"),
    change("mapping/attribute/delete", mapping.attribute_delete, "attribute-delete"),
    change("mapping/expression", expressions.builder, "expression-builder"),
    change("mapping/expression/verdict", expressions.verdict, "expression-verdict"),
    change("mapping/expression/attributes", expressions.attributes, "expression-attributes"),
    change("mapping/expression/lab", expressions.lab, "expression-lab"),
    change("mapping/precedence", mapping.precedence, "precedence"),
    change("mapping/defaults", mapping.restore_defaults, "restore-defaults"),
    change("mapping/impact/<uuid:question_id>", impact.impact, "impact"),
    page("mapping/schema", schema.schema, "schema"),
    page("mapping/schema/download", schema.schema_download, "schema-download"),
    page("scope", scope.scope, "scope"),
    page("scope/count", scope.scope_count, "scope-count"),
    change("scope/add", scope.scope_edit, "scope-add"),
    change("scope/<int:number>", scope.scope_edit, "scope-edit"),
    change("scope/<int:number>/delete", scope.scope_delete, "scope-delete"),
    page("preview", preview.preview, "preview"),
    page("on-demand", on_demand.on_demand, "on-demand"),
    page("licences", licences.licences, "licences"),
    page("logs", logs.logs, "logs"),
    page("logs/newer", logs.newer, "logs-newer"),
    page("logs/files/<str:name>", downloads.download, "log-download"),
    page("logs/<uuid:change_id>", logs.log, "log"),
    page("audit", audit.application_audit, "application-audit"),
]

urlpatterns = [
    page("", home.home, "home"),
    page("keys", keys.keys, "keys"),
    page("search", search.search, "search"),
    page("notifications", notifications.notifications, "notifications"),
    page("notifications/bell", notifications.bell, "bell"),
    page("sign-in", accounts.sign_in, "sign-in", Level.PUBLIC),
    page("sign-out", accounts.sign_out, "sign-out", Level.PERSONAL),
    page("welcome", accounts.welcome, "welcome", Level.PUBLIC),
    page("password", accounts.password, "password", Level.PERSONAL),
    page("password/lost", accounts.password_lost, "password-lost", Level.PUBLIC),
    page("password/<uidb64>/<token>", accounts.password_set, "password-set", Level.PUBLIC),
    page("preferences", accounts.preferences, "preferences", Level.PUBLIC),
    page("language", set_language, "language", Level.PUBLIC),
    page("applications", applications.applications, "applications"),
    change("applications/gallery", gallery.gallery, "gallery"),
    change("applications/gallery/<str:template_id>", gallery.application_add, "application-add"),
    change("applications/authorized", authorization.authorized, "authorized"),
    path("applications/<int:application_id>/", include(application)),
    page("directory/<int:pk>", directory.directory_object, "directory-object"),
    change("directory/<int:pk>/erase", directory.person_erase, "person-erase"),
    page("questions/<uuid:question_id>", questions.question, "question"),
    page("credentials/<int:credential_id>/checks", testing.checks, "checks"),
    page("tenants", tenants.tenants, "tenants"),
    change("tenants/connect", tenants.tenant_connect, "tenant-connect"),
    page("tenants/<int:tenant_id>", tenants.tenant, "tenant"),
    change("tenants/<int:tenant_id>/test", tenants.tenant_test, "tenant-test"),
    change("tenants/<int:tenant_id>/disconnect", tenants.tenant_disconnect, "tenant-disconnect"),
    page("audit", audit.audit, "audit"),
    page("health", health.health, "health"),
    page("healthz", health.healthz, "healthz", Level.PUBLIC),
    page("readyz", health.readyz, "readyz", Level.PUBLIC),
    change("people", people.people, "people"),
    change("people/invite", people.person_invite, "person-invite"),
    change("people/<int:person_id>", people.person, "person"),
    change("people/<int:person_id>/deactivate", people.person_deactivate, "person-deactivate"),
    change("people/<int:person_id>/activate", people.person_activate, "person-activate"),
    change("people/<int:person_id>/link", people.person_link, "person-link"),
    page("settings", settings.settings, "settings"),
    change("settings/test", settings.test_message, "settings-test"),
    path("admin/", admin.site.urls),  # read-only, for support; its own sign-in asks for staff
]

handler500 = "portal.views.failures.server_error"

"""Where one can go: the resource menus, the commands of a page, and what every page knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.access import is_administrator
from portal.events import unread_count
from portal.preferences import letters_of, theme_of
from provisioning.models import Application

Text = str | Promise


@dataclass(frozen=True)
class Item:
    """A line of a resource menu; `names` are the addresses on which it is the current one."""

    label: Text
    icon: str
    href: str
    names: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True)
class Group:
    heading: Text
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Command:
    """A verb of the command bar.

    `dialog` opens the address as a dialog where scripts run, and as a page where they do not. `changes` hides it from
    readers. `title` says why it is `disabled`. With a `menu`, it only folds that out.
    """

    label: Text
    icon: str
    href: str
    dialog: bool = False
    disabled: bool = False
    changes: bool = True
    title: Text = ""
    menu: tuple["Command", ...] = ()


def portal_menu(request: HttpRequest) -> list[Group]:
    here = [
        _item(_("Home"), "home", "home"),
        _item(_("Enterprise applications"), "apps_list", "applications", "gallery", "application-add"),
        _item(_("Tenants"), "organization", "tenants", "tenant-connect", "tenant"),
    ]
    watch = [_item(_("Audit logs"), "history", "audit"), _item(_("Health"), "heart_pulse", "health")]
    ours = [_item(_("Settings"), "settings", "settings")]
    if is_administrator(request.user):
        ours.insert(0, _item(_("People of the portal"), "people", "people", "person", "person-invite"))
    return [Group("", tuple(here)), Group(_("Monitor"), tuple(watch)), Group(_("Portal"), tuple(ours))]


def application_menu(application: Application, assigned: int | None = None) -> list[Group]:
    pk = application.pk
    return [
        Group("", (_item(_("Overview"), "info", "overview", "cycles", args=(pk,)),)),
        Group(
            _("Manage"),
            (
                _item(_("Properties"), "options", "properties", args=(pk,)),
                _item(_("Users and groups"), "people", "users", "user-add", "user-role", args=(pk,), count=assigned),
                _item(_("Roles"), "key", "roles", args=(pk,)),
                _item(
                    _("Provisioning"),
                    "arrow_sync_circle",
                    "provisioning",
                    "mapping",
                    "attribute",
                    "scope",
                    "scope-add",
                    "scope-edit",
                    "impact",
                    "schema",
                    "preview",
                    args=(pk,),
                ),
                _item(_("Provision on demand"), "flash", "on-demand", args=(pk,)),
                _item(_("Licences"), "certificate", "licences", args=(pk,)),
            ),
        ),
        Group(
            _("Monitor"),
            (
                _item(_("Provisioning logs"), "clipboard_task_list_ltr", "logs", "log", args=(pk,)),
                _item(_("Audit logs"), "history", "application-audit", args=(pk,)),
            ),
        ),
    ]


def _item(
    label: Text, icon: str, name: str, *others: str, args: tuple[int, ...] = (), count: int | None = None
) -> Item:
    return Item(label, icon, reverse(name, args=args), (name, *others), count)


def visible(commands: Iterable[Command], request: HttpRequest) -> list[Command]:
    administrator = is_administrator(request.user)
    return [command for command in commands if administrator or not command.changes]


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template knows."""
    return {
        "may_change": is_administrator(request.user),
        "theme": theme_of(request),
        "letters": letters_of(request),
        "language": get_language(),
        "bell": SimpleLazyObject(lambda: unread_count(request)),
    }

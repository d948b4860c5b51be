"""Who may see and who may change: the one place that sends to the sign-in, answers 403, or 404s.

Administrators change; readers look. A view says nothing about it: `portal.urls` names the level of every address, and
without one an unsafe method needs an administrator.
"""

import enum
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from provisioning.actions.people import ADMINISTRATORS, READERS
from provisioning.models import Application

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

View = Callable[..., HttpResponseBase]


class Level(enum.Enum):
    PUBLIC = "public"
    """Without signing in: the sign-in itself, health, preferences of the browser."""
    PERSONAL = "personal"
    """Everybody signed in, changing too: what concerns only themselves."""
    READER = "reader"
    """Readers look, administrators change."""
    ADMINISTRATOR = "administrator"
    """Readers do not even look."""


def guarded(view: View, level: Level) -> View:
    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if level is Level.PUBLIC:
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not may(request.user, level, changing=request.method not in SAFE_METHODS):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guard


def may(user: AbstractBaseUser | AnonymousUser, level: Level, *, changing: bool) -> bool:
    if level is Level.PERSONAL or is_administrator(user):
        return True
    return level is Level.READER and not changing and READERS in group_names(user)


def is_administrator(user: AbstractBaseUser | AnonymousUser) -> bool:
    return user.is_authenticated and (getattr(user, "is_superuser", False) or ADMINISTRATORS in group_names(user))


def group_names(user: AbstractBaseUser | AnonymousUser) -> frozenset[str]:
    """Asked for once a request: the names stay on the user object."""
    if not isinstance(user, User):
        return frozenset()
    known: frozenset[str] | None = getattr(user, "_group_names", None)
    if known is None:
        known = frozenset(user.groups.values_list("name", flat=True))
        user._group_names = known  # type: ignore[attr-defined]  # kept where the whole request finds it
    return known


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page cannot show the sign-in form: htmx is told to go there with the whole page."""
    if not User.objects.exists():
        return redirect("welcome")
    sign_in = reverse("sign-in")
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=401)
        response["HX-Redirect"] = sign_in
        return response
    return redirect(f"{sign_in}?{urlencode({'next': request.get_full_path()})}")


def get_application(request: HttpRequest, application_id: int) -> Application:
    """404 where there is none; its job and tenant come along."""
    return get_object_or_404(Application.objects.select_related("tenant", "job"), pk=application_id)

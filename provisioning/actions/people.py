"""The people of the portal: administrators change, readers look."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.actor import Actor
from provisioning.actions.differences import Changes
from provisioning.actions.errors import refuse
from provisioning.models import AuditEntry

ADMINISTRATORS = "Administrators"
READERS = "Readers"
ROLES = (ADMINISTRATORS, READERS)

ADD, UPDATE, DEACTIVATE, ACTIVATE = "Add user", "Update user", "Disable account", "Enable account"
"""Source: Microsoft Entra ID, "Audit log activities", core directory."""


def create_first(*, username: str, name: str, email: str, password: str) -> User:
    """The first administrator. Refused once there is anybody: two who press the button at once get one account."""
    with transaction.atomic():
        if User.objects.exists():
            raise refuse(_("There is an administrator already. Sign in instead."))
        return create(username=username, name=name, email=email, password=password, role=ADMINISTRATORS, by=None)


def create(*, username: str, name: str, email: str, password: str | None, role: str, by: Actor) -> User:
    """Without a password the person sets one by the link that is mailed. Raises ActionRefused."""
    if User.objects.filter(username__iexact=username).exists():
        raise refuse(_("Somebody else has this user name."), "username")
    with transaction.atomic():
        person = User.objects.create_user(username, email, password, first_name=name, is_staff=role == ADMINISTRATORS)
        person.groups.set([_group(role)])
        AuditEntry.record(by, ADD, target=username, changes=[{"name": "role", "old": None, "new": role}])
    return person


def update(person: User, *, name: str, email: str, role: str, by: Actor) -> None:
    """Raises ActionRefused when nobody would be left to administer the portal."""
    changes: Changes = []
    with transaction.atomic():
        for field, value in (("first_name", name), ("email", email)):
            if getattr(person, field) != value:
                changes.append({"name": field, "old": getattr(person, field), "new": value})
                setattr(person, field, value)
        held = role_of(person)
        if held != role:
            if role != ADMINISTRATORS:
                _keep_one(person, _("Somebody has to stay administrator. Make another person one first."), "role")
            person.groups.set([_group(role)])
            person.is_superuser, person.is_staff = False, role == ADMINISTRATORS
            changes.append({"name": "role", "old": held, "new": role})
        if changes:
            person.save(update_fields=["first_name", "email", "is_superuser", "is_staff"])
            AuditEntry.record(by, UPDATE, target=person.get_username(), changes=changes)
    if any(change["name"] == "role" for change in changes):
        end_sessions(person)


def deactivate(person: User, *, by: Actor) -> None:
    """Signs the person out everywhere. Raises ActionRefused for oneself and for the last administrator."""
    if by is not None and by.pk == person.pk:
        raise refuse(_("You cannot switch off your own account."))
    with transaction.atomic():
        _keep_one(person, _("This is the last administrator."))
        person.is_active = False
        person.save(update_fields=["is_active"])
        AuditEntry.record(by, DEACTIVATE, target=person.get_username())
    end_sessions(person)


def activate(person: User, *, by: Actor) -> None:
    with transaction.atomic():
        person.is_active = True
        person.save(update_fields=["is_active"])
        AuditEntry.record(by, ACTIVATE, target=person.get_username())


def role_of(person: User) -> str | None:
    names = set(person.groups.values_list("name", flat=True))
    if person.is_superuser or ADMINISTRATORS in names:
        return ADMINISTRATORS
    return READERS if READERS in names else None


def end_sessions(person: User) -> None:
    """What a session may do must not outlive the right to do it."""
    key = str(person.pk)
    for session in Session.objects.filter(expire_date__gt=now()).iterator():
        if session.get_decoded().get("_auth_user_id") == key:
            session.delete()


def _group(role: str) -> Group:
    group, _made = Group.objects.get_or_create(name=role)
    return group


def _keep_one(person: User, sentence: str, field: str = "") -> None:
    others: Any = User.objects.filter(is_active=True).exclude(pk=person.pk)
    if not (others.filter(groups__name=ADMINISTRATORS) | others.filter(is_superuser=True)).exists():
        raise refuse(sentence, field)

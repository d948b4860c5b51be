"""What is asked of the tenant while somebody waits. The answer, or why there is none, appears on the row."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from provisioning import gallery
from provisioning.actions import credentials
from provisioning.actions.actor import Actor
from provisioning.actions.errors import refuse
from provisioning.models import Installation, Job, Question, Tenant
from provisioning.models.installation import MAIL_SERVER
from provisioning.tasks.messages import ask_soon, read_and_answer_soon


def search(tenant: Tenant, text: str, *, by: Actor, kinds: tuple[str, ...] = ("user", "group")) -> Question:
    """Search Entra ID now: people and groups whose name or address begins with the words."""
    return _ask(Question.Kind.SEARCH, by, tenant, text=text.strip(), kinds=list(kinds))


def find_service_principals(tenant: Tenant, text: str, *, by: Actor) -> Question:
    """Enterprise applications of the tenant by object id, application id, or how their name begins."""
    return _ask(Question.Kind.SERVICE_PRINCIPALS, by, tenant, text=text.strip())


def instantiate(tenant: Tenant, template_id: str, display_name: str, *, by: Actor) -> Question:
    """A new enterprise application in the tenant, from Microsoft's gallery; then `applications.add` it."""
    if template_id not in gallery.stored():
        raise refuse(_("The gallery has no application %(id)s.") % {"id": template_id}, "template_id")
    name = gallery.template(template_id)["rollcall"]["displayName"]
    return _ask(Question.Kind.INSTANTIATE, by, tenant, template=name, displayName=display_name.strip() or name)


def preview(job: Job, *, by: Actor) -> Question:
    """Read both sides and decide everybody, without planning anything. Refused without credentials."""
    if credentials.saved(job.application) is None:
        raise refuse(_("Enter the admin credentials, and save them."))
    with transaction.atomic():
        question = Question.objects.create(
            kind=Question.Kind.PREVIEW,
            tenant=job.application.tenant,
            application=job.application,
            asked_by=by.get_username() if by else "",
        )
        read_and_answer_soon(question.pk)
    return question


def send_test_message(recipient: str, *, by: Actor, typed: Installation | None = None) -> Question:
    """Through the mail server that is in force, or the one that stands on the form, `typed` and not saved yet."""
    try:
        validate_email(recipient)
    except ValidationError:
        raise refuse(_("This is not an e-mail address."), "notification_email") from None
    counts = typed.weighed() if typed else None
    server = {name: getattr(counts, name) for name in (*MAIL_SERVER, "mail_sender", "sealed")} if counts else {}
    return _ask(Question.Kind.TEST_MAIL, by, None, recipient=recipient, server=server)


def _ask(kind: str, by: Actor, tenant: Tenant | None, **arguments: Any) -> Question:
    with transaction.atomic():
        question = Question.objects.create(
            kind=kind, tenant=tenant, arguments=arguments, asked_by=by.get_username() if by else ""
        )
        ask_soon(question.pk)
    return question

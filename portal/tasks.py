"""What workers do for the people of the portal.

Mail is sent by a worker, which makes the link itself: no token passes through the broker. Once an hour what sign-ins
left behind is forgotten.
"""

from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from celery import shared_task
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import now

from provisioning.models import Installation
from provisioning.notifications import deliver

LIFE = 600
"""Seconds after which a message that no worker took is dropped."""


@shared_task(name="portal.tasks.send_password_link")
def send_password_link(person_id: int, language: str) -> None:
    """A link that works once, for as long as Django's PASSWORD_RESET_TIMEOUT says."""
    person = User.objects.filter(pk=person_id, is_active=True).exclude(email="").first()
    if person is None:
        return
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("password-set", args=(uid, default_token_generator.make_token(person)))
    installation = Installation.in_force()
    with translation.override(language):
        portal = installation.public_url
        context = {"person": person, "link": f"{portal}{path}", "portal": portal}
        subject = render_to_string("mail/password_subject.txt", context).strip()
        body = render_to_string("mail/password.txt", context)
    deliver(subject, body, [person.email], installation)


def send_password_link_soon(person: User) -> None:
    language = translation.get_language() or Installation.in_force().language
    transaction.on_commit(
        lambda: send_password_link.apply_async((person.pk, language), queue="interactive", expires=LIFE), robust=True
    )


@shared_task(name="portal.tasks.forget_sign_ins")
def forget_sign_ins() -> None:
    """Sessions that have ended, and who signed in from where, as long as the audit log is kept."""
    Session.objects.filter(expire_date__lt=now()).delete()
    days = Installation.in_force().audit_days
    if days is not None:
        for model in (AccessLog, AccessAttempt):
            model.objects.filter(attempt_time__lt=now() - timedelta(days=days)).delete()

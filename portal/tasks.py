"""Mail to people of the portal. Sent by a worker, which makes the link itself: no token passes through the broker."""

from celery import shared_task
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

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

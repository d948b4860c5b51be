"""Secrets that a walk through the tutorial planted are in no page, file, log, letter or message of the broker."""

import base64
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import Redis

from portal import first_run
from portal.export import CSV_FILES
from provisioning.models import Application
from tests.portal.conftest import Open
from tests.portal.hands import Mouse
from tests.portal.walk import TUTORIAL, Administrator, somebody_unassigned
from tests.sandbox_process import SandboxProcess
from tests.workers import Workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

OWN_PASSWORD = "a long enough secret"


def test_planted_secrets_are_nowhere_to_be_read(
    sandbox: SandboxProcess, workers: Workers, open_page: Open, caplog: pytest.LogCaptureFixture
) -> None:
    first_run.forget()
    worker = workers.start(LOG_LEVEL="DEBUG")
    secrets = [
        sandbox.client_secret,
        sandbox.goto_password,
        sandbox.goto_client_secret,
        settings.SECRET_KEY,
        *os.environ["ENCRYPTION_KEYS"].split(","),
        OWN_PASSWORD,
    ]
    seen: list[tuple[str, str]] = []
    page = open_page("/", user=None, viewport={"width": 1280, "height": 900})
    administrator = Administrator(Mouse(page), "en", sandbox, somebody_unassigned(sandbox))

    with Eavesdropper(settings.BROKER_URL) as broker:
        for step in TUTORIAL:
            step(administrator)
            seen.append((f"page after {step.__name__}", page.content()))

    assert any("provisioning.tasks.interactive.test_connection" in text for _where, text in broker.heard)
    seen += broker.heard
    seen += files(administrator)
    seen += [("worker's log", worker.log.read_text(errors="replace"))]
    seen += [("mail", str(letter)) for letter in sandbox.control.mail("smtp")]
    seen += [("portal's log", caplog.text)]
    told = {where for where, text in seen for secret in secrets if secret in text}
    assert not told


def files(administrator: Administrator) -> Iterator[tuple[str, str]]:
    """The exports, as somebody signed in gets them."""
    client = Client()
    client.cookies["sessionid"] = next(
        cookie["value"] for cookie in administrator.page.context.cookies() if cookie["name"] == "sessionid"
    )
    application = Application.objects.get()
    for name in ("ProvisioningLogs.json", *(f"{stem}.csv" for stem in CSV_FILES)):
        response = client.get(reverse("log-download", args=(application.pk, name)) + "?status=all")
        yield name, b"".join(response.streaming_content).decode()
    for name in ("application-audit", "properties", "provisioning"):
        yield name, client.get(reverse(name, args=(application.pk,))).content.decode()


class Eavesdropper:
    """Hears every command that the broker gets; the bodies of messages are opened."""

    def __init__(self, url: str) -> None:
        self.heard: list[tuple[str, str]] = []
        self.client = Redis(unix_socket_path=url.removeprefix("redis+socket://"))
        self.monitor = self.client.monitor()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self.monitor.__enter__()
        self.thread.start()
        return self

    def _listen(self) -> None:
        with suppress(Exception):  # the connection is closed under it when the test has heard enough
            for said in self.monitor.listen():
                command = said["command"]
                bodies = re.findall(r'\\?"body\\?": \\?"([A-Za-z0-9+/=]+)', command)
                opened = [base64.b64decode(body).decode(errors="replace") for body in bodies]
                self.heard.append((f"broker: {command[:40]}", " ".join([command, *opened])))

    def __exit__(self, *_: object) -> None:
        self.monitor.connection.disconnect()
        self.thread.join(5)
        self.client.close()

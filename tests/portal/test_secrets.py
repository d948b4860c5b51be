"""Secrets that a walk through the tutorial planted are in no page, file, log, letter, row or message, nor in what the
broker keeps.
"""

import base64
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
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
            seen += kept_by_the_broker(settings.BROKER_URL)

    assert any("provisioning.tasks.interactive.test_connection" in text for _where, text in broker.heard)
    seen += broker.heard
    seen += files(administrator)
    seen += rows()
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


def rows() -> Iterator[tuple[str, str]]:
    """Every table as the database has it, audit entries, questions and credentials among them."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield f"table {table}", str(cursor.fetchall())


def kept_by_the_broker(url: str) -> Iterator[tuple[str, str]]:
    """All keys, and the file that the broker would leave on its disk."""
    path = Path(urlsplit(url).path)
    with Redis(unix_socket_path=str(path)) as client:
        for key in client.scan_iter():
            yield f"broker's key {key!r}", opened(str(client.dump(key)))
        client.config_set("rdbcompression", "no")
        client.save()
    saved = path.parent / "dump.rdb"
    yield "broker's file", opened(saved.read_bytes().decode("latin-1"))
    saved.unlink()


def opened(text: str) -> str:
    """With the bodies of the messages in it, which are packed."""
    bodies = re.findall(r'\\*"body\\*": \\*"([A-Za-z0-9+/=]+)', text)
    return " ".join([text, *(base64.b64decode(body).decode(errors="replace") for body in bodies)])


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
                self.heard.append((f"broker: {command[:40]}", opened(command)))

    def __exit__(self, *_: object) -> None:
        self.monitor.connection.disconnect()
        self.thread.join(5)
        self.client.close()

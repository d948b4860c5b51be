"""Dutch is complete, says the same with the same placeholders, and knows every text that the pages show."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.words import DECLARED_ELSEWHERE
from provisioning import gallery
from provisioning.connectors.goto.checks import GoToChecks
from provisioning.connectors.graph.permissions import SIGN_IN
from provisioning.connectors.registry import TARGETS
from tests.portal.world import World

CATALOGUE = Path(settings.BASE_DIR) / "portal/locale/nl/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%[sd]|%[sd]")
SOURCES = ("portal", "provisioning", "templates", "manage.py")


def test_nothing_is_empty_fuzzy_or_forgotten() -> None:
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


def test_a_translation_has_the_placeholders_of_its_original() -> None:
    for entry in polib.pofile(str(CATALOGUE)):
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(entry.msgid)), entry.msgid


def test_the_catalogue_has_every_text_of_the_sources(tmp_path: Path) -> None:
    for name in SOURCES:
        source = Path(settings.BASE_DIR) / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        else:
            shutil.copy(source, tmp_path / name)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "nl", "--no-location"],
        cwd=tmp_path,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        check=True,
        capture_output=True,
        timeout=100,
    )
    found = polib.pofile(str(tmp_path / "portal/locale/nl/LC_MESSAGES/django.po"))
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE))}
    assert sorted({entry.msgid for entry in found if not entry.obsolete} - known) == []


def test_words_that_are_declared_elsewhere_are_known() -> None:
    fields = [field for target in TARGETS.values() for field in target.credential_fields]
    wanted = {field.label for field in fields} | {field.help for field in fields if field.help}
    wanted |= {label for field in fields for _value, label in field.choices}
    wanted |= {*GoToChecks.NAMES, SIGN_IN}
    for template in gallery.templates():
        wanted |= {template["description"], *template["rollcall"]["categories"]}
        wanted |= {
            mapping["name"] for rule in template["schema"]["synchronizationRules"] for mapping in rule["objectMappings"]
        }
    assert wanted - set(DECLARED_ELSEWHERE) == set()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("overview", ["Inrichting stoppen", "Huidige cyclus", "Inrichtingslogboeken"]),
        ("users", ["Gebruiker/groep toevoegen", "Standaardtoegang"]),
        (
            "provisioning",
            ["Inrichtingsmodus", "Beheerdersreferenties", "Verbinding testen", "E-mailadres voor meldingen"],
        ),
        ("mapping", ["Azure Active Directory-gebruikers synchroniseren met GoToMeeting", "Prioriteit bij koppelen"]),
        ("logs", ["Geslaagd", "Fout"]),
    ],
)
def test_a_page_speaks_dutch(name: str, words: list[str], world: World, administrator: Client) -> None:
    world.running()
    address = reverse(name, args=(world.gotomeeting.pk,))
    text = administrator.get(address, headers={"Accept-Language": "nl"}).content.decode()
    assert '<html lang="nl"' in text
    assert [word for word in words if word not in text] == []


def test_numbers_follow_the_language(world: World, administrator: Client) -> None:
    world.running()
    address = reverse("overview", args=(world.gotomeeting.pk,))
    assert "1,284 of 1,989" in administrator.get(address).content.decode()
    assert "1.284 van 1.989" in administrator.get(address, headers={"Accept-Language": "nl"}).content.decode()

"""Dutch is complete, says the same with the same placeholders, and knows every text that the pages show."""

import ast
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
from django.utils import translation

from portal.words import DECLARED_ELSEWHERE
from provisioning import gallery
from provisioning.connectors.goto.checks import GoToChecks
from provisioning.connectors.graph.permissions import SIGN_IN
from provisioning.connectors.registry import TARGETS
from provisioning.engine.scoping import Scoping
from provisioning.models import Change, Credential, bulk
from provisioning.sentences import Sentence
from provisioning.wording import in_words
from tests.portal.english import CATALOGUE, english_in
from tests.portal.world import World

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


def said_in_the_sources() -> list[tuple[str, ast.Call]]:
    """(file, call) wherever something is said to an administrator outside Django."""
    found = []
    for path in sorted((Path(settings.BASE_DIR) / "provisioning").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Sentence":
                found.append((f"{path.name}:{node.lineno}", node))
    return found


def test_every_sentence_is_a_literal_that_names_what_is_put_into_it() -> None:
    """Else it could not be extracted for translation, or would fail where nobody looks: while an error is told."""
    for where, call in said_in_the_sources():
        assert call.args and isinstance(call.args[0], ast.Constant), where
        template = str(call.args[0].value)
        placed = set(re.findall(r"%\(([a-z_]+)\)s", template))
        assert placed == {keyword.arg for keyword in call.keywords}, where
        assert "%" not in re.sub(r"%\([a-z_]+\)s|%%", "", template), where


def test_every_sentence_has_a_dutch_one() -> None:
    dutch = {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}
    said = {str(call.args[0].value) for _where, call in said_in_the_sources() if isinstance(call.args[0], ast.Constant)}
    assert len(said) > 250
    assert [template for template in sorted(said - {""}) if not dutch.get(template)] == []


def test_words_that_are_declared_elsewhere_are_known() -> None:
    fields = [field for target in TARGETS.values() for field in target.credential_fields]
    wanted = {field.label for field in fields} | {field.help for field in fields if field.help}
    wanted |= {label for field in fields for _value, label in field.choices}
    wanted |= {*GoToChecks.NAMES, SIGN_IN}
    wanted |= set(Scoping(True, "", True, True, True, True).details())
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


BUSY = Sentence("%(service)s is busy. It is tried again by itself.", service="100% <b>%(x)s</b>")
IN_DUTCH = [
    (Sentence("Granted."), "Granted.", "Verleend."),
    (
        Sentence("The account has %(total)s users.", total=12345),
        "The account has 12,345 users.",
        "Het account heeft 12.345 gebruikers.",
    ),
    (
        Sentence("%(sentence)s Whether the request had its effect is looked up first.", sentence=BUSY),
        "100% <b>%(x)s</b> is busy. It is tried again by itself. "
        "Whether the request had its effect is looked up first.",
        "100% <b>%(x)s</b> is bezet. Het wordt vanzelf opnieuw geprobeerd. "
        "Of de aanvraag effect heeft gehad, wordt eerst opgezocht.",
    ),
    (
        Sentence("%(one)s and %(other)s", one=Sentence("a text"), other="a text"),
        "a text and a text",
        "een tekst en a text",
    ),
    ("100% of an older release", "100% of an older release", "100% of an older release"),
    ('{"says": "%(no)s"}', '{"says": "%(no)s"}', '{"says": "%(no)s"}'),
    ("", "", ""),
]


@pytest.mark.parametrize(("said", "english", "dutch"), IN_DUTCH, ids=[english for _, english, _ in IN_DUTCH])
def test_what_was_stored_is_said_in_the_language_of_its_reader(
    said: str, english: str, dutch: str, world: World
) -> None:
    """One by one, by the thousand, and in JSON."""
    rows = [Change(job=world.job, action="other", status="failure", reason=said, planned_at=world.at) for _ in range(2)]
    bulk.insert(rows[:1])
    rows[1].save()
    Credential.objects.update(checks=[{"message": Sentence.of(said).facts()}])
    (check,) = Credential.objects.earliest("pk").checks
    reasons = Change.objects.filter(change_id__in=[row.change_id for row in rows]).values_list("reason", flat=True)
    for kept in (*reasons, check["message"]):
        assert in_words(kept) == english
        with translation.override("nl"):
            assert in_words(kept) == dutch
    assert Change.objects.filter(reason=said, action="other", subject=None).count() == len(reasons) == 2


def test_a_dutch_row_of_the_log_says_nothing_in_english(world: World, administrator: Client) -> None:
    row = world.change(world.people[0], action="create", status="failure", code="EntryConflict")
    row.reason = IN_DUTCH[2][0]
    row.save()
    world.job.quarantine_reason, world.job.quarantine_code = "EncounteredQuarantineException", "InternalServerError"
    world.job.quarantine_error = BUSY
    world.job.save()
    for name, more in (("log", {"change_id": row.change_id}), ("overview", {}), ("provisioning", {})):
        address = reverse(name, kwargs={"application_id": world.gotomeeting.pk, **more})
        page = administrator.get(address, headers={"Accept-Language": "nl"}).content.decode()
        assert english_in(page) == [], name

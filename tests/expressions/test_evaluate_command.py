"""manage.py evaluate, as an administrator runs it: no database, no settings of his own."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

ROOT = Path(__file__).parents[2]
BRITTA = {"givenName": "Britta", "surname": "Simon", "otherMails": ["b@x.nl", "s@x.nl"], "country": "NL"}


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "object.json"
    file.write_text(json.dumps(BRITTA), "utf-8")
    return str(file)


def run(*arguments):
    """(exit code, standard output, standard error)"""
    out, err = StringIO(), StringIO()
    try:
        call_command("evaluate", *arguments, stdout=out, stderr=err, no_color=True)
    except SystemExit as exit:
        return exit.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ('Join(" ", [givenName], [surname])', '"Britta Simon"'),
        ("RemoveDuplicates([otherMails])", '["b@x.nl", "s@x.nl"]'),
        ("Count([otherMails])", "2"),
        ("Not([country])", "true"),
        ("ToLower([nothing])", "null"),
        ("IgnoreFlowIfNullOrEmpty([nothing])", '"IgnoreAttributeFlow"'),
        ('Append("Zo", "ë")', '"Zoë"'),
        ("Now()", '"3/9/2026 8:30:00 AM"'),
        ("DefaultDomain()", '"contoso.com"'),
    ],
)
def test_the_result_is_printed_as_json(source, expression, printed):
    options = ("--source", source, "--now", "2026-03-09T08:30:00Z", "--default-domain", "contoso.com")

    assert run(expression, *options) == (0, printed + "\n", "")


def test_a_seed_makes_random_values_come_again():
    assert run("Guid()", "--seed", "s") == run("Guid()", "--seed", "s")
    assert run("Guid()") != run("Guid()")


def test_an_error_is_shown_with_its_caret(source):
    code, out, err = run('Append(ToLowr([givenName]), "x")', "--source", source)

    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "There is no function ToLowr. Did you mean ToLower?",
        'Append(ToLowr([givenName]), "x")',
        "       ^",
    ]


def test_cases_are_counted_and_failures_listed(tmp_path):
    cases = [
        {"expression": "ToLower([a])", "source": {"a": "X"}, "expected": "x"},
        {"expression": "Count([a])", "source": {"a": "X"}, "expected": "1"},
        {"expression": "ToLowr([a])", "source": {}, "expected": {"error": "UnknownFunction"}},
        {"expression": 'SelectUniqueValue("a", "b")', "source": {}, "expected": "b", "taken": ["A"]},
        {"expression": "Now()", "source": {}, "expected": "1/2/2026 3:00:00 AM", "now": "2026-01-02T03:00:00Z"},
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)) + "\n\n", "utf-8")

    code, out, _ = run("--cases", str(file))

    assert code == 1
    assert out.splitlines() == ["line 2: Count([a])", '  expected "1"', "  but was  1", "4 passed, 1 failed"]


def test_cases_that_all_pass_end_well(tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"expression": "Len(\\"abc\\")", "source": {}, "expected": 3}', "utf-8")

    assert run("--cases", str(file)) == (0, "1 passed, 0 failed\n", "")


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"expression": "Now()"}', '{"expression": "Now()", "expected": 1, "now": "then"}']
)
def test_a_line_that_is_no_case_is_named(tmp_path, line):
    file = tmp_path / "cases.jsonl"
    file.write_text(line, "utf-8")

    with pytest.raises(CommandError, match="Line 1"):
        run("--cases", str(file))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("Now()", "--now", "then"),
        ("Now()", "--source", "/nowhere.json"),
        ("--cases", "/nowhere.jsonl"),
    ],
)
def test_what_cannot_be_done_is_said(arguments):
    with pytest.raises(CommandError):
        run(*arguments)


def test_it_needs_no_database_and_no_settings(source, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}

    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "evaluate", "Left([givenName], 1)", "--source", source],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (0, '"B"\n'), done.stderr

"""Copies of an SQLite database, made and brought back while it may be in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader


def database_file() -> Path:
    """Raises CommandError when the database is no SQLite file."""
    if connection.vendor != "sqlite":
        raise CommandError(
            "The database is PostgreSQL: use pg_dump and pg_restore, and after-restore afterwards. "
            "docs/operations.md says how."
        )
    return Path(str(connection.settings_dict["NAME"]))


def write_copy(database: Path, file: Path) -> None:
    """One file that is whole or not there, and that only its owner can read. Raises CommandError."""
    if file.exists():
        raise CommandError(f"{file} is there already.")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    address = f"{database.resolve().as_uri()}?mode=rw"
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)  # in one step: writers may go on, and what they write is not in it
            copy.execute("PRAGMA journal_mode=DELETE")  # no second file beside it
        _check_soundness(draft)
        draft.rename(file)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"{file} could not be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def check(file: Path) -> None:
    """Raises CommandError when the file is no sound copy that this version knows how to use."""
    _check_soundness(file)
    _check_version(file)


def bring_back(file: Path, database: Path) -> None:
    """Make `database` what the copy is."""
    connections.close_all()
    with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(database, timeout=20)) as target:
        copy.backup(target)


def _check_soundness(file: Path) -> None:
    if not file.is_file():
        raise CommandError(f"There is no file {file}.")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise CommandError(f"{file} is no SQLite database: {error}") from error
    if found != "ok":
        raise CommandError(f"{file} is damaged: {found}")


def _check_version(file: Path) -> None:
    """A copy of a newer version has what this one does not know."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            applied = set(copy.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise CommandError(f"{file} is no backup of Rollcall.") from error
    if ("provisioning", "0001_tables") not in applied:
        raise CommandError(f"{file} is no backup of Rollcall.")
    if newer := sorted(f"{app}.{name}" for app, name in applied - known):
        raise CommandError(f"{file} was made by a newer version ({', '.join(newer)}). Upgrade Rollcall first.")

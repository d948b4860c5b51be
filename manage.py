#!/usr/bin/env python
"""The command line of Django and of Rollcall."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    program, *words = sys.argv
    if words and not words[0].startswith("-"):
        words[0] = words[0].replace("-", "_")  # after-restore is after_restore: a module's name has no hyphens
    execute_from_command_line([program, *words])


if __name__ == "__main__":
    main()

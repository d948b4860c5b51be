"""Extraction of the texts to translate: those of `Sentence` as well, which the packages without Django say."""

from typing import Any

from django.core.management.commands import makemessages

NOTHING_TO_TRANSLATE = ["tests/*", "benchmarks/*", "sandbox/*"]


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=Sentence"]

    def handle(self, *args: Any, **options: Any) -> None:
        options["ignore_patterns"] += NOTHING_TO_TRANSLATE
        options["no_wrap"] = True
        super().handle(*args, **options)

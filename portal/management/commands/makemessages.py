"""Extraction of the texts to translate: those of `Sentence` as well, which the packages without Django say."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=Sentence"]

"""What was said, in the language of whoever reads it now: the one that Django has active."""

from django.utils.formats import number_format
from django.utils.translation import gettext

from provisioning.sentences import Parameter, Sentence


def in_words(said: object) -> str:
    """`said`: a sentence, or its facts as JSON holds them.

    A text from elsewhere, or a sentence of an older release that has no translation any more, stays as it is.
    """
    sentence = Sentence.of(said)
    if not sentence:
        return ""
    try:
        return gettext(sentence.template) % {name: _parameter(each) for name, each in sentence.parameters.items()}
    except (KeyError, TypeError, ValueError):
        return str(sentence)


def _parameter(value: Parameter) -> str:
    if isinstance(value, Sentence):
        return in_words(value)
    return value if isinstance(value, str) else number_format(value, force_grouping=True)

"""Sentences keep their facts wherever they travel; their examples hold."""

import copy
import doctest
import pickle

import pytest

from provisioning import sentences
from provisioning.sentences import Sentence, together

INNER = Sentence("%(host)s is busy.", host='100% "{"says": %(x)s')
SAID = [
    Sentence("It is gone."),
    Sentence("100%% of %(count)s users", count=1_000_000),
    Sentence("%(first)s Look at %(application)s.", first=INNER, application=None),
    Sentence("%(first)s", first=Sentence("It is gone.")),
    together([INNER, "", "Said elsewhere: 5%.", Sentence("It is gone.")]),
]


@pytest.mark.parametrize("said", SAID, ids=str)
def test_a_sentence_keeps_its_facts_wherever_it_goes(said: Sentence) -> None:
    travels = (
        Sentence.read(said.stored()),
        Sentence.of(said.facts()),
        copy.deepcopy(said),
        pickle.loads(pickle.dumps(said)),
    )
    for arrived in travels:
        assert (arrived, arrived.template, arrived.parameters) == (said, said.template, said.parameters)
        assert [type(each) for each in arrived.parameters.values()] == [type(each) for each in said.parameters.values()]


def test_a_sentence_reads_as_english() -> None:
    assert SAID[1] == "100% of 1,000,000 users"
    assert SAID[2] == '100% "{"says": %(x)s is busy. Look at None.'
    assert SAID[4] == '100% "{"says": %(x)s is busy. Said elsewhere: 5%. It is gone.'


@pytest.mark.parametrize("text", ["", "5% done", "%(x)s", '{"says": 3}', '{"says": "%(x)s", "with": {}}', '{"says": '])
def test_any_other_text_is_itself(text: str) -> None:
    assert Sentence.read(text) == text


def test_a_sentence_without_what_it_needs_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Sentence("%(service)s is busy.")


def test_the_examples_hold() -> None:
    assert doctest.testmod(sentences).failed == 0

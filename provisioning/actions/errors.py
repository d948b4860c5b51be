"""Why an action was refused."""

from collections.abc import Sequence


class ActionRefused(Exception):
    """Nothing was changed.

    `problems` are (field, sentence); the field is the action's argument or the credential's field that is wrong,
    "" where it is none of them. The sentences are in the language of whoever asked.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(sentence for _, sentence in self.problems))


def refuse(sentence: str, field: str = "") -> ActionRefused:
    """For a single problem: `raise refuse(…)`."""
    return ActionRefused([(field, sentence)])


def refuse_if_any(problems: Sequence[tuple[str, str]]) -> None:
    """Raises ActionRefused with all of them at once."""
    if problems:
        raise ActionRefused(problems)

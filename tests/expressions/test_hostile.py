"""A hundred thousand inputs made to break out, to hang, or to fill the memory.

Half of them are noise, soup of tokens and spoiled cases, most of which must be refused; half are well-formed calls
with odd arguments; each is tried on two odd people. Time is processor time, so that a busy machine fails nothing.
"""

import gc
import json
import random
import resource
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time

from provisioning.expressions import Context, Drop, ExpressionError, compile_expression
from provisioning.expressions.catalogue import FUNCTIONS
from provisioning.expressions.signatures import Type
from provisioning.expressions.values import as_value

INPUTS = 100_000
LONGEST = 0.05
CASES = [
    json.loads(line)["expression"]
    for file in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]
SOUP = (
    *FUNCTIONS, *"()[],=&-1 \n\0é", '"', "\\", "<>", "&H", "99999999999999999999", "\ud800", "__import__", "eval",
    "os.system", "{0.__class__}", "${a}", "%s", "[a]", "[__class__]", '"x"', "(a+)+$", "vbTextCompare",
    "IgnoreObjectFlow", "İ", "\u202e", "💥",
)  # fmt: skip
PATTERNS = (
    "(a|aa)+$", "(a*)*b", "(.*)*(.*)*x", "((a{1,100}){1,100}){1,100}", "(?<n>a+)+", "[a-z-[aeiou]]+",
    "(?=(a+))a*b\\\\1", "(a?){50}a{50}", "\\\\p{L}*\\\\d", "(((((((((a))))))))){2,}", "(?i)(ß|ss)*$", "(?<=a+)b",
    "^(\\\\w+\\\\s?)*$", "(x+x+)+y", "(?R)", "a{9999}", "(?:a{99}){99}", "[\\\\x00-\\\\uffff]*z", ".*?.*?.*?.*?b",
    "(?<a-b>)",
)  # fmt: skip
TEXTS = (
    "", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "b@x.nl", "2026-03-09", "yyyy-MM-dd", "9" * 30, "-1", "256", "$_$_$_",
    "\0", "\ud800", "İ", "True", "ﬀ", "a, b ,c", "d", "yyyy", "fffffff", "é" * 40, "n",
)  # fmt: skip
ODD = (
    None, "", "a" * 3000, "a" * 45_000, "a" * 2_000_000, "ab " * 10_000, 0, -1, 2**70, True, 1.5, float("nan"), b"x",
    {"a": 1}, [], ["x"], ["x", "y"], ["a"] * 3000, [None, {}], [["x"]], datetime(1, 1, 1), object(), "\ud800",
    datetime(9999, 12, 31, tzinfo=UTC), "İ" * 3000, "x\0y", "2026-03-09T10:00:00+14:00", "(a|aa)+$",
)  # fmt: skip


def quoted(text):
    return '"' + text.replace('"', "") + '"'


def soup(rng):
    return "".join(rng.choice(SOUP) for _ in range(rng.randint(1, 40)))


def noise(rng):
    return "".join(chr(rng.choice((rng.randint(0, 127), rng.randint(0, 0x3000)))) for _ in range(rng.randint(0, 60)))


def spoiled(rng):
    """A case with something cut out, doubled, swapped, or put in."""
    text = rng.choice(CASES)[:600]
    first, second = sorted(rng.randint(0, len(text)) for _ in range(2))
    return rng.choice(
        (
            text[:first] + text[second:],
            text[:second] + text[first:],
            text[:first] + rng.choice(SOUP) + text[first:],
            text.replace(rng.choice(("a", "(", '"', ",", "]")), rng.choice(SOUP), 1),
        )
    )


MAKING = {
    wanted: [each for each in FUNCTIONS.values() if wanted is None or each.returns in (wanted, Type.ANY)]
    for wanted in (None, *Type)
}


def well_formed(rng, depth=2, wanted=None):
    """A call that has the right number of arguments, and mostly the right kinds."""
    function = rng.choice(MAKING[wanted])
    if function.name == "Replace" and rng.random() < 0.7:
        return replacing(rng, depth)
    count = len(function.parameters) + (2 * rng.randint(0, 3) if function.maximum is None else 0)
    return f"{function.name}({', '.join(argument(rng, function.parameter(at), depth) for at in range(count))})"


def replacing(rng, depth):
    source = well_formed(rng, depth - 1) if depth else "[a]"
    pattern, replacement = quoted(rng.choice(PATTERNS)), quoted(rng.choice(TEXTS))
    return rng.choice(
        (
            f"Replace({source}, , {pattern}, , {replacement}, , )",
            f'Replace({source}, , {pattern}, "n", {replacement}, , )',
            f'Replace({source}, , {pattern}, "n", , [b], )',
            f"Replace({source}, , [b], , {replacement}, , )",
            f"Replace({source}, {quoted(rng.choice(TEXTS))}, , , {replacement * 20}, , )".replace('""', ""),
            f"Replace({source}, {quoted(rng.choice(TEXTS))}, , , , , {replacement})",
        )
    )


def argument(rng, parameter, depth):
    if parameter.type is Type.BOOLEAN and rng.random() < 0.5:
        return f"[{rng.choice('abc')}] {rng.choice(('=', '<>', '<', '>='))} {quoted(rng.choice(TEXTS))}"
    if parameter.choices and rng.random() < 0.8:
        return quoted(rng.choice(parameter.choices))
    if parameter.type is Type.INTEGER and rng.random() < 0.7:
        return str(rng.choice((0, 1, 2, 7, -1, 300, 2**62)))
    if depth and rng.random() < 0.5:
        return well_formed(rng, depth - 1, None if parameter.type in (Type.ANY, Type.LIST) else parameter.type)
    return rng.choice((f"[{rng.choice('abc')}]", quoted(rng.choice(TEXTS)), quoted(rng.choice(PATTERNS)), "3"))


def widened(rng):
    """A wide or deep expression that multiplies work."""
    inner = well_formed(rng, 2)
    return rng.choice(
        (
            f'Join(",", {", ".join([inner] * rng.randint(2, 60))})'[:11_000],
            "ToUpper(" * 59 + inner + ")" * 59,
            "NormalizeDiacritics(PCase(" * 25 + "[a]" + "))" * 25,
            "Replace(" * 20 + "[a]" + ', "a", , , "aaaaaaaaaa", , )' * 20,
            "Coalesce(" + ", ".join(['Split([a], "b")'] * 300) + ")",
        )
    )


def replacing_once(rng):
    return replacing(rng, 1)


MAKERS = (noise, soup, spoiled, well_formed, well_formed, well_formed, spoiled, replacing_once)


def people(rng):
    return {name: rng.choice(ODD) for name in "abcn" if rng.random() < 0.8}


def try_one(text, source):
    """What became of it, and the processor time it took."""
    context = Context(now=datetime(2026, 3, 9, tzinfo=UTC), seed=1, default_domain="x.nl")
    started = thread_time()
    try:
        result = compile_expression(text).evaluate(source, context)
    except ExpressionError as error:
        assert error.kind and len(error.message) < 1000 and len(error.caret()) < 1000
        return "error", thread_time() - started
    took = thread_time() - started
    assert isinstance(result, Drop) or as_value(result) == result
    return "value", took


def memory():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_hundred_thousand_hostile_inputs_neither_escape_nor_hang_nor_fill_the_memory():
    rng = random.Random(20260309)
    ends, slowest, before = {"error": 0, "value": 0}, (0.0, ""), 0

    for number in range(INPUTS):
        if number % 2 == 0:
            text = (widened if number % 200 == 0 else MAKERS[number // 2 % len(MAKERS)])(rng)
        source = people(rng)
        end, took = try_one(text, source)
        ends[end] += 1
        if took > slowest[0]:
            # A hang comes back; a collection of garbage that fell into the first try does not.
            slowest = max(slowest, (min(took, try_one(text, source)[1], try_one(text, source)[1]), text))
        if number == INPUTS // 5:
            before = memory()

    assert slowest[0] < LONGEST, slowest
    assert memory() - before < 50_000_000
    assert min(ends.values()) > INPUTS // 10, ends

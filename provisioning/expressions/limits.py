"""How much an expression may cost. Every limit has its own error, so that none is met in silence."""

MAX_LENGTH = 10_000
"""Characters of an expression.

Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings".
"""

MAX_DEPTH = 60
"""Calls inside calls. Ours: far beyond what anybody writes, far below Python's own limit."""

MAX_TEXT = 50_000
"""Characters of one value, given or made; directory attributes stay far below."""

MAX_WORK = 250_000
"""Characters that all the calls of one evaluation may read and make together, those of short values not counted."""

MAX_VALUES = 2_000
"""Values of one multi-valued attribute."""

FREE_TEXT = 200
"""Values up to this length count for nothing towards MAX_WORK."""

MAX_PATTERN = 1_000
"""Characters of a regular expression."""

PATTERN_SECONDS = 0.02
"""Processor time that all the regular expressions of one evaluation may use together."""

"""The functions of the language, one module for each kind.

Their docstrings are what the expression builder and the documentation show: signature and meaning first, examples
that the tests run, and the page that the rule comes from. Where that page is silent, the docstring says what we chose.
"""

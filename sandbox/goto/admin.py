"""The Admin API, whose parts have put themselves into one table."""

from sandbox.goto import account_parts, users
from sandbox.goto.service import answer

__all__ = ["account_parts", "answer", "users"]

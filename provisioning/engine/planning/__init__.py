"""Dirty people in batches → Change rows.

dirty       whom a cycle must decide
people      a thousand people with all that deciding needs, in a fixed number of queries
evidence    what must be looked up in the application before a create, disable, enable or delete may be planned
rows        decisions → rows; at most one open change of a person, one open claim of a value
claims      the same without rows: who would get a value or an account that two people want
"""

from provisioning.engine.planning.planner import Planner

__all__ = ["Planner"]

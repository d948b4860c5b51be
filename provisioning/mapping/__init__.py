"""The mapping between a directory's people and an application's accounts.

A mapping is one JSON document in the shape of Microsoft Graph's synchronizationSchema. `compile_mapping` makes of it
what the engine asks: who is in scope, what to look for, what to write, what differs. Pure: plain values in and out.
"""

from provisioning.mapping.attribute_mapping import AttributeMapping
from provisioning.mapping.compiler import compile_mapping
from provisioning.mapping.definitions import AttributeDefinition
from provisioning.mapping.evaluation import Attributes, Difference, Evaluation
from provisioning.mapping.filters import ScopeFilter, ScopeResult
from provisioning.mapping.object_mapping import Matching, ObjectMapping
from provisioning.mapping.shape import Problem
from provisioning.mapping.validation import problems

__all__ = [
    "AttributeDefinition",
    "AttributeMapping",
    "Attributes",
    "Difference",
    "Evaluation",
    "Matching",
    "ObjectMapping",
    "Problem",
    "ScopeFilter",
    "ScopeResult",
    "compile_mapping",
    "problems",
]

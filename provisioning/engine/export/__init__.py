"""Planned rows → requests in flight → endings.

exporter    the one writer: takes rows from the queue, keeps requests in flight, hands endings to settling
queue       which rows go next, alone or as one array
looking     rows whose answer was lost: look in the application first, then decide
"""

from provisioning.engine.export.exporter import Exporter
from provisioning.engine.export.looking import Looking

__all__ = ["Exporter", "Looking"]

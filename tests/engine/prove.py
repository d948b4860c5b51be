"""Proves an application's credentials, in a process of its own: `python -m tests.engine.prove APPLICATION_ID`."""

import sys

import django

django.setup()

from provisioning.engine import connections  # noqa: E402
from provisioning.models import Application  # noqa: E402

print(connections.open_target(Application.objects.get(pk=int(sys.argv[1]))).prove().account_key)

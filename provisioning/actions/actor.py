"""Who acts."""

from django.contrib.auth.models import AnonymousUser, User

Actor = User | AnonymousUser | None
"""A page's `request.user`, which access has made sure is somebody; None for the service and its command line."""

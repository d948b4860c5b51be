"""Settings of the deployment."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TestMessageForm(forms.Form):
    __test__ = False  # the name begins like that of a test

    recipient = forms.EmailField(label=_("Send a test message to"))

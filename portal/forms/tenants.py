"""Connecting a tenant."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provisioning.models import Tenant

CLOUDS: dict[str, tuple[Any, str, str]] = {
    "public": (_("Microsoft public cloud"), "https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": (_("US Government"), "https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "usdod": (_("US Government (DoD)"), "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": (
        _("China (21Vianet)"),
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
    ),
    "own": (_("Own addresses"), "", ""),
}
"""Source: Microsoft identity platform, "National clouds"; Microsoft Graph, "National cloud deployments"."""


class TenantForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As Rollcall shows it."))
    tenant_id = forms.CharField(
        label=_("Tenant ID"),
        max_length=64,
        help_text=_("Microsoft Entra ID, Overview. A GUID, or a domain of the tenant."),
    )
    client_id = forms.CharField(
        label=_("Application (client) ID"),
        max_length=64,
        help_text=_("Of the app registration that Rollcall signs in as."),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    secret_expires_on = forms.DateField(
        label=_("Secret expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Read from the tenant, or from the certificate, where it says so; otherwise enter it."),
    )
    public_certificate = forms.CharField(
        label=_("Certificate (PEM)"), required=False, widget=forms.Textarea(attrs={"class": "code", "rows": 4})
    )
    private_key = forms.CharField(
        label=_("Private key (PEM)"), required=False, widget=forms.Textarea(attrs={"class": "code", "rows": 4})
    )
    passphrase = forms.CharField(
        label=_("Passphrase of the private key"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only if the key is protected by one."),
    )
    cloud = forms.ChoiceField(label=_("Cloud"), choices=[(name, row[0]) for name, row in CLOUDS.items()])
    authority = forms.CharField(label=_("Sign-in address"), required=False, max_length=200)
    graph_url = forms.CharField(label=_("Graph address"), required=False, max_length=200)
    ca_file = forms.CharField(
        label=_("CA bundle"),
        required=False,
        max_length=500,
        help_text=_(
            "A PEM file on the workers' machines, where a proxy or an own cloud shows a certificate of its own."
        ),
    )

    def addresses(self) -> tuple[str, str]:
        """Sign-in and Graph, of the chosen cloud or as typed."""
        cloud = self.cleaned_data["cloud"]
        if cloud == "own":
            return self.cleaned_data["authority"], self.cleaned_data["graph_url"]
        return CLOUDS[cloud][1], CLOUDS[cloud][2]

    def secrets(self) -> dict[str, str]:
        """What was typed; an empty field keeps what is stored."""
        names = ("client_secret", "public_certificate", "private_key", "passphrase")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


def initial_of(tenant: Tenant) -> dict[str, Any]:
    pairs = {(row[1], row[2]): name for name, row in CLOUDS.items() if name != "own"}
    return {
        "name": tenant.name,
        "tenant_id": tenant.tenant_id,
        "client_id": tenant.client_id,
        "secret_expires_on": tenant.secret_expires_on,
        "cloud": pairs.get((tenant.authority, tenant.graph_url), "own"),
        "authority": tenant.authority,
        "graph_url": tenant.graph_url,
        "ca_file": tenant.ca_file,
    }

"""What applications read before anybody signs in: discovery documents, keys, instance discovery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.errors import Unavailable
from rsvpd.signin import http
from rsvpd.signin.entra import errors
from rsvpd.signin.entra.call import entra_error
from rsvpd.signin.entra.errors import EntraError
from rsvpd.signin.entra.tenants import COMMON, Tenant, find_tenant
from rsvpd.signin.http import PUBLIC, json_answer
from rsvpd.signin.provider import Provider

Endpoint = Callable[[Request], Awaitable[Response]]

# The names of the public cloud; MSAL treats them as one, and keeps its cache under the second.
_ALIASES = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]


def document(tenant: Tenant, origin: str) -> dict[str, Any]:
    """Return the discovery document (OpenID Connect Discovery 3), every URL as whoever asks sees this server."""
    base = f"{origin}/{tenant.name}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": tenant.published_issuer(origin),
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{origin}/oidc/userinfo",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "http_logout_supported": False,
        "frontchannel_logout_supported": False,
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "preferred_username", "name", "tid", "ver",
            "c_hash", "email", "oid",
        ],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    }  # fmt: skip


def configuration(provider: Provider) -> Endpoint:
    """Return the endpoint of the discovery document."""

    async def answer(request: Request) -> Response:
        tenant = await find_tenant(provider, request.path_params["tenant"])
        return json_answer(document(tenant, http.origin(request)), headers=PUBLIC)

    return _with_entra_errors(provider, answer)


def keys(provider: Provider) -> Endpoint:
    """Return the endpoint of the public keys (RFC 7517)."""

    async def answer(request: Request) -> Response:
        await find_tenant(provider, request.path_params["tenant"])
        ring = await provider.ring()
        return json_answer({"keys": ring.public}, headers=PUBLIC)

    return _with_entra_errors(provider, answer)


def instances(provider: Provider) -> Endpoint:
    """Return the endpoint by which MSAL learns which host names are one authority."""

    async def answer(request: Request) -> Response:
        asked = http.parse_parameters(http.query(request)).text("authorization_endpoint")
        name = urlsplit(asked).path.strip("/").split("/")[0] or COMMON
        tenant = await find_tenant(provider, name)
        origin = http.origin(request)
        own = urlsplit(origin).netloc
        known = {"preferred_network": _ALIASES[0], "preferred_cache": _ALIASES[1], "aliases": _ALIASES}
        here = {"preferred_network": own, "preferred_cache": own, "aliases": [own]}
        return json_answer({
            "tenant_discovery_endpoint": f"{origin}/{tenant.name}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [known] if own in _ALIASES else [known, here],
        }, headers=PUBLIC)  # fmt: skip

    return _with_entra_errors(provider, answer)


def user_realm(provider: Provider) -> Endpoint:
    """Return what MSAL asks before it sends a password: whether another service signs these people in. None does."""

    async def answer(request: Request) -> Response:
        domain = request.path_params["user"].rpartition("@")[2].lower()
        is_known = await provider.door(grants.has_domain, domain)
        found = {"ver": "1.0", "account_type": "Managed" if is_known else "Unknown", "domain_name": domain}
        return json_answer(found | {"cloud_instance_name": "microsoftonline.com"})

    return _with_entra_errors(provider, answer)


def _with_entra_errors(provider: Provider, answer: Endpoint) -> Endpoint:
    """Return an endpoint that tells what goes wrong as Microsoft does."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except (EntraError, Unavailable, ValueError, http.UnreadableForm) as wrong:
            return errors.answer(entra_error(wrong), provider.clock(), errors.correlation(""))

    return endpoint

"""The token endpoint: JWT bearer, refresh token and authorization code grants; and who a bearer token stands for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from google_server import errors
from google_server.errors import GoogleError
from google_server.log import Record
from google_server.world import World

ALL_SCOPES = frozenset({"drive", "spreadsheets", "drive.file"})
EMULATOR_CLIENT = "emulator"
_GOOGLE_TOKEN_URIS = (
    "https://oauth2.googleapis.com/token",
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFETIME = timedelta(seconds=3599)
_SKEW = timedelta(minutes=4)


@dataclass(frozen=True)
class Caller:
    """Who asks, with what scopes (their last part: "drive.file"), through which OAuth client."""

    address: str
    scopes: frozenset[str] = ALL_SCOPES
    client: str = EMULATOR_CLIENT

    def covers(self, scopes: frozenset[str]) -> bool:
        """Return whether the token may call a method that asks for one of `scopes`."""
        return bool(self.scopes & scopes)

    def sees_only_own_files(self, service: str) -> bool:
        """Return whether only files that this app made are within reach (scope drive.file alone)."""
        wide = {"drive", "drive.readonly", "drive.metadata", "drive.metadata.readonly"}
        return not self.scopes & (wide | ({"spreadsheets", "spreadsheets.readonly"} if service == "sheets" else set()))


@dataclass
class Client:
    """An OAuth client of type Desktop."""

    id: str
    secret: str
    deleted: bool = False


@dataclass
class ServiceAccount:
    """A service account: its key and the scopes that domain-wide delegation gives it (empty: none)."""

    address: str
    key_id: str
    public_key: rsa.RSAPublicKey
    delegated: frozenset[str] = frozenset()


@dataclass
class Grant:
    """A consent: of a person, to a client, for scopes. `live` falls when it is revoked or has expired.

    `testing`: the consent screen is "External, Testing"; Google then says that the refresh token lasts seven days.
    """

    address: str
    scopes: frozenset[str]
    client: str
    live: bool = True
    redirect_uri: str = ""
    challenge: str = ""
    testing: bool = False
    refresh_tokens: list[str] = field(default_factory=list)


class OAuthService:
    """Accounts, clients and tokens; the clock is the world's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.url = ""
        self.clients: dict[str, Client] = {}
        self.service_accounts: dict[str, ServiceAccount] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, tuple[Caller, datetime, Grant | None]] = {}

    # ------------------------------------------------------------------------------------------------ what tests set

    def add_client(self) -> dict[str, Any]:
        """Add a Desktop client; return its credentials file as the Google console gives it."""
        client = Client(f"515151515151-{secrets.token_hex(8)}.apps.googleusercontent.com", secrets.token_urlsafe(16))
        self.clients[client.id] = client
        return {
            "installed": {
                "client_id": client.id,
                "project_id": "cchc-test",
                "auth_uri": "https://accounts.google.com/o/oauth2/auth",
                "token_uri": _GOOGLE_TOKEN_URIS[0],
                "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
                "client_secret": client.secret,
                "redirect_uris": ["http://localhost"],
            }
        }

    def add_service_account(self, name: str = "cchc", *, delegated: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Add a service account with a new key; return its key file. `delegated` are scopes without their prefix."""
        address = f"{name}@cchc-test.iam.gserviceaccount.com"
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        account = ServiceAccount(address, secrets.token_hex(20), key.public_key(), delegated)
        self._world.add_user(address, is_service_account=True)
        self.service_accounts[address] = account
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "cchc-test",
            "private_key_id": account.key_id,
            "private_key": pem.decode(),
            "client_email": address,
            "client_id": "104000000000000000000",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": _GOOGLE_TOKEN_URIS[0],
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        }

    def sign_in(self, address: str, client: Mapping[str, Any], scopes: frozenset[str] = ALL_SCOPES) -> str:
        """Let a person consent to a client (its credentials file); return the refresh token."""
        self._world.ensure_user(address)
        grant = Grant(address.lower(), scopes, client["installed"]["client_id"])
        return self._new_refresh_token(grant)

    def browse(
        self,
        url: str,
        address: str,
        *,
        scopes: frozenset[str] | None = None,
        refuse: bool = False,
        testing: bool = False,
    ) -> str:
        """Be the person in the browser who opens `url` (/o/oauth2/auth?…); return where Google sends them back to.

        `scopes`: fewer than asked for, as when boxes stay unticked; `refuse`: the person presses "Cancel".
        """
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
        back, state = asked["redirect_uri"], asked.get("state", "")
        if refuse or asked.get("client_id") not in self.clients or asked.get("response_type") != "code":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': state})}"
        if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
            return f"{back}?{urlencode({'error': 'invalid_request', 'state': state})}"
        self._world.ensure_user(address)
        granted = _scopes(asked["scope"]) if scopes is None else scopes
        code = "4/" + secrets.token_urlsafe(40)
        challenge = asked.get("code_challenge", "")
        self._codes[code] = Grant(address.lower(), granted, asked["client_id"], True, back, challenge, testing)
        return f"{back}?{urlencode({'state': state, 'code': code, 'scope': scope_text(granted)})}"

    def revoke(self, refresh_token: str) -> None:
        """End a consent: by the person, or by the seven days of an unpublished app. Access tokens die with it."""
        self.refresh_tokens[refresh_token].live = False

    def expire_access_tokens(self) -> None:
        """Let all access tokens run out, as after an hour."""
        self._access.clear()

    # -------------------------------------------------------------------------------------------------- bearer tokens

    def caller(self, authorization: str, service: str) -> Caller:
        """Return who presents the Authorization header.

        Raises:
            GoogleError: 401.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer" or not token:
            raise errors.unauthenticated(service)
        if token.startswith("user:"):
            user = self._world.known_user(token.removeprefix("user:"))
            if user is None or user.is_group or not user.has_google_account:
                raise errors.unauthenticated(service)
            return Caller(user.address)
        caller, until, grant = self._access.get(token, (None, self._world.now(), None))
        if caller is None or until <= self._world.now() or (grant is not None and not grant.live):
            raise errors.unauthenticated(service)
        return caller

    # ------------------------------------------------------------------------------------------------- token endpoint

    def token(self, record: Record, data: bytes) -> dict[str, Any]:
        """Answer the token endpoint.

        Raises:
            GoogleError: in the endpoint's own shape.
        """
        if record.method != "POST" or "x-www-form-urlencoded" not in record.headers.get("content-type", ""):
            raise errors.token_error("invalid_request", "Bad Request")
        form = {name: values[-1] for name, values in parse_qs(data.decode()).items()}
        record.body = {"grant_type": form.get("grant_type", "")}
        with self._world.lock:
            match form.get("grant_type"):
                case grant if grant == _JWT_GRANT:
                    return self._jwt(form.get("assertion", ""), record)
                case "refresh_token":
                    return self._refresh(form, record)
                case "authorization_code":
                    return self._code(form, record)
        raise errors.token_error("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")

    def _refresh(self, form: dict[str, str], record: Record) -> dict[str, Any]:
        client = self._client(form)
        grant = self.refresh_tokens.get(form.get("refresh_token", ""))
        if grant is None or not grant.live or grant.client != client.id:
            raise errors.token_revoked()
        wanted = _scopes(form["scope"]) if form.get("scope") else grant.scopes
        if not wanted <= grant.scopes:
            raise errors.token_error("invalid_scope", "Some requested scopes were invalid.")
        record.user = grant.address
        return self._answer(Caller(grant.address, wanted, client.id), grant)

    def _code(self, form: dict[str, str], record: Record) -> dict[str, Any]:
        client = self._client(form)
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.client != client.id:
            raise errors.token_error("invalid_grant", "Malformed auth code.")
        if grant.redirect_uri.rstrip("/") != form.get("redirect_uri", "").rstrip("/"):
            raise errors.token_error("redirect_uri_mismatch", "Bad Request")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if grant.challenge and base64.urlsafe_b64encode(digest).decode().rstrip("=") != grant.challenge:
            raise errors.token_error("invalid_grant", "Invalid code verifier.")
        record.user = grant.address
        answer = self._answer(Caller(grant.address, grant.scopes, client.id), grant)
        return answer | {"refresh_token": self._new_refresh_token(grant)}

    def _client(self, form: dict[str, str]) -> Client:
        client = self.clients.get(form.get("client_id", ""))
        if client is None:
            raise errors.invalid_client()
        if client.deleted:
            raise errors.token_error("deleted_client", "The OAuth client was deleted.", 401)
        if client.secret != form.get("client_secret"):
            raise errors.token_error("invalid_client", "The provided client secret is invalid.", 401)
        return client

    def _jwt(self, assertion: str, record: Record) -> dict[str, Any]:
        header, claims, signed, signature = _parts(assertion)
        account = self.service_accounts.get(str(claims.get("iss")))
        if account is None:
            raise errors.account_not_found()
        if header.get("alg") != "RS256" or header.get("kid", account.key_id) != account.key_id:
            raise errors.jwt_signature()
        try:
            account.public_key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise errors.jwt_signature() from None
        self._check_times(claims)
        if claims.get("aud") not in (*_GOOGLE_TOKEN_URIS, self.url + "/token"):
            raise errors.token_error("invalid_grant", "Invalid JWT: Failed audience check.")
        wanted = _scopes(str(claims.get("scope", "")))
        if not wanted:
            raise errors.token_error("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        address = self._subject(account, claims, wanted)
        record.user = address
        return self._answer(Caller(address, wanted, account.address), None)

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._world.now().timestamp()
        iat, exp = claims.get("iat"), claims.get("exp")
        if not isinstance(iat, int) or not isinstance(exp, int):
            raise errors.jwt_out_of_time()
        if not 0 < exp - iat <= 3600 or exp <= now or abs(iat - now) > _SKEW.total_seconds():
            raise errors.jwt_out_of_time()

    def _subject(self, account: ServiceAccount, claims: dict[str, Any], wanted: frozenset[str]) -> str:
        subject = str(claims.get("sub") or account.address).lower()
        if subject == account.address:
            return subject
        if not wanted <= account.delegated:
            raise errors.client_unauthorized()
        user = self._world.known_user(subject)
        if user is None or user.is_service_account or user.is_group or not user.has_google_account:
            raise errors.token_error("invalid_grant", "Invalid email or User ID")
        if user.domain != self._world.home_domain:
            raise errors.client_unauthorized()
        return user.address

    def _answer(self, caller: Caller, grant: Grant | None) -> dict[str, Any]:
        token = "ya29." + secrets.token_urlsafe(60)
        self._access[token] = (caller, self._world.now() + _LIFETIME, grant)
        answer = {"access_token": token, "expires_in": int(_LIFETIME.total_seconds()), "token_type": "Bearer"}
        if grant is None:
            return answer
        if grant.testing:
            answer["refresh_token_expires_in"] = 604_799
        return answer | {"scope": scope_text(caller.scopes)}

    def _new_refresh_token(self, grant: Grant) -> str:
        token = "1//" + secrets.token_urlsafe(40)
        grant.refresh_tokens.append(token)
        self.refresh_tokens[token] = grant
        return token


def scope_text(scopes: frozenset[str]) -> str:
    """Return scopes as OAuth writes them."""
    return " ".join(f"https://www.googleapis.com/auth/{scope}" for scope in sorted(scopes))


def _scopes(text: str) -> frozenset[str]:
    prefix = "https://www.googleapis.com/auth/"
    return frozenset(scope.removeprefix(prefix) for scope in text.split())


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Return header, claims, the signed text and the signature of a JWT.

    Raises:
        GoogleError: if it is none.
    """
    try:
        head, body, mark = assertion.split(".")
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        signature = _decode(mark)
    except (ValueError, binascii.Error):
        refusal: GoogleError = errors.token_error("invalid_grant", "Invalid JWT: Failed to parse.")
        raise refusal from None
    return header, claims, f"{head}.{body}".encode(), signature


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""An OpenID Connect provider of our own: discovery, authorization code with its nonce, signed id tokens, keys."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "studio", "secret-of-the-client"


class Provider:
    """Signs in whoever ``person`` is at the moment: the claims of one who has an account there."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, str] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
                if path == "/.well-known/openid-configuration":
                    self._say(provider.discovery())
                elif path == "/keys":
                    self._say({"keys": [provider._key.as_dict(private=False)]})
                elif path == "/authorize" and query.get("client_id") == CLIENT_ID:
                    code = secrets.token_urlsafe(16)
                    provider._codes[code] = query.get("nonce", "")
                    self.send_response(302)
                    back = urlencode({"code": code, "state": query.get("state", "")})
                    self.send_header("Location", f"{query['redirect_uri']}?{back}")
                    self.end_headers()
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                nonce = provider._codes.pop(form.get("code", [""])[0], None)
                if nonce is None:
                    self.send_error(400)
                    return
                token = provider.token(nonce)
                self._say({"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token})

            def _say(self, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def discovery(self) -> dict[str, Any]:
        """Return what a client needs to know."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def token(self, nonce: str) -> str:
        """Return the id token of the person who signs in."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 60, "nonce": nonce}
        return jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, **self.person}, self._key)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

"""Toplyne's backend as a process of its own: verifies, opens and lists what it receives.

It uses only libraries that a receiver would use, and nothing of this project. `python receiver.py`
makes a secret and a key pair, and prints one line of JSON: the port, the secret, the public key.
With `--port` and `--state`, a second process continues where the first was killed.
"""

import argparse
import json
import secrets
import sys
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey, import_key
from standardwebhooks import Webhook, WebhookVerificationError

ALGORITHMS = ["RSA-OAEP-256", "ECDH-ES", "A256GCM"]
MAX_BODY = 1_000_000


class Receiver:
    """What came, and the planned answers to the next requests."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.secret = state["secret"]
        self.key = import_key(state["key"])
        self.seen: list[dict[str, Any]] = []
        self.planned: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def take(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Raises `WebhookVerificationError`."""
        event = Webhook(self.secret).verify(body, headers)
        jwe_text = event["data"].get("jwe")
        opened = self._open(jwe_text) if jwe_text else None
        with self.lock:
            plan = self.planned.pop(0) if self.planned else {}
            received = {"id": headers["webhook-id"], "event": event, "opened": opened}
            self.seen.append({**received, "body": body.decode(), "plan": plan})
        return plan

    def _open(self, text: str) -> Any:
        opened = jwe.decrypt_compact(text, self.key, algorithms=ALGORITHMS)
        assert opened.plaintext is not None
        return json.loads(opened.plaintext)


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_GET(self) -> None:
        with self.receiver.lock:
            self._answer(200, json.dumps(self.receiver.seen).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers["content-length"]), MAX_BODY))
        if self.path == "/plan":
            self.receiver.planned = json.loads(body)
            self._answer(200)
            return
        try:
            plan = self.receiver.take(body, {k.lower(): v for k, v in self.headers.items()})
        except WebhookVerificationError as error:
            self._answer(401, str(error).encode())
            return
        time.sleep(plan.get("hold", 0))
        if plan.get("cut"):
            self.connection.close()
            return
        headers = {"Retry-After": plan["retry_after"]} if "retry_after" in plan else {}
        if "location" in plan:
            headers["Location"] = plan["location"]
        self._answer(plan.get("status", 204), b"", headers)

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", choices=("RSA", "EC"), default="RSA")
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    if not options.state.exists():
        key = RSAKey.generate_key(2048) if options.key == "RSA" else ECKey.generate_key("P-256")
        secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        state = {"secret": secret, "key": key.as_dict(private=True)}
        options.state.write_text(json.dumps(state))
    Handler.receiver = Receiver(json.loads(options.state.read_text()))
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    public = Handler.receiver.key.as_dict(private=False)
    told = {"port": server.server_port, "secret": Handler.receiver.secret, "public_key": public}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()

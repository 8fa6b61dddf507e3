"""What stands in front of ministack: HTTPS, and what a test asks of the server beside AWS's own APIs.

- ``GET /_ministackext/calls``: every request of a principal with policies so far, and whether it was allowed.
- ``POST /_ministackext/past``: the age and last use of a key.
- ``POST /_ministackext/time``: has schedules see a moment, in seconds since 1970.
- ``POST /_ministackext/credentials``: those that Lambda gives a function with a role.
- ``POST /_ministackext/trusts``: whether a role lets a service in.
- ``POST /_ministackext/lets_publish``: whether a topic lets a service publish.

Ministack takes every request for one over plain HTTP. Here it came over HTTPS with TLS 1.3, unless a header ``x-tls``
names another version, or ``none``.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from . import authorization, delivery, services


class Door:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["path"].startswith("/_ministackext/"):
            return await self.answer(scope["path"].rpartition("/")[2], receive, send)
        tls = dict(scope["headers"]).get(b"x-tls", b"1.3").decode()
        authorization.tls_version.set(tls)
        await self.app({**scope, "scheme": "http" if tls == "none" else "https"}, receive, send)

    async def answer(self, what: str, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        asked = json.loads(body or b"null")
        found: Any = None
        match what:
            case "calls":
                found = authorization.calls
            case "past":
                services.put_into_the_past(asked, time.time())
            case "credentials":
                found = delivery.credentials_of(asked)
            case "trusts":
                found = delivery.trusts(**asked)
            case "lets_publish":
                found = delivery.lets_publish(**asked)
            case "time":
                await asyncio.to_thread(delivery.let_schedules_see, asked)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(found).encode()})

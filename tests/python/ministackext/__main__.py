"""Serves an AWS of the given accounts on 127.0.0.1 until it is terminated."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="ministackext", description=__doc__)
    parser.add_argument("--accounts", required=True, help="the organization's, the management account first")
    parser.add_argument("--regions", default="eu-west-1,us-east-1", help="those that are enabled in every account")
    parser.add_argument("--without-paths", default="", help="accounts whose Paths Organizations does not answer")
    arguments = parser.parse_args()
    accounts = arguments.accounts.split(",")

    # Bound before ministack is imported, which reads from the environment where it will be reached.
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    os.environ.update(
        AUTH="true",
        AWS_ENDPOINT_URL=url,
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=url.rpartition(":")[2],
        IOT_MTLS_ENABLED="0",
        LAMBDA_ASYNC_RETRY_BASE_SECONDS="0.05",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "ERROR"),
        MINISTACK_ACCOUNT_ID=accounts[0],
        MINISTACK_HOST="127.0.0.1",
        MINISTACK_REGION=arguments.regions.split(",")[0],
    )
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    from . import authorization, delivery, door, organization, security_hub, services

    organization.install(accounts, set(filter(None, arguments.without_paths.split(","))))
    services.install(arguments.regions.split(","))
    security_hub.install()
    authorization.install()
    delivery.install()

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = os.environ["LOG_LEVEL"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on {url}", flush=True)
    asyncio.run(serve(door.Door(app), config))
    return 0


if __name__ == "__main__":
    sys.exit(main())

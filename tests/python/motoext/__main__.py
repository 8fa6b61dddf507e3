"""``python -m motoext --world FILE [--port P]``: serves the world on 127.0.0.1 until it is terminated."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from .door import Door
from .operations import install
from .populate import populate
from .table import WorldError
from .world import World


def main() -> int:
    parser = argparse.ArgumentParser(prog="motoext", description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="world file (TOML)")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    arguments = parser.parse_args()
    try:
        world = World.load(arguments.world)
    except (WorldError, OSError) as error:
        print(f"motoext: {error}", file=sys.stderr)
        return 2

    if world.simulator_only:
        print(f"motoext: {arguments.world}: only the simulator has {', '.join(world.simulator_only)}", file=sys.stderr)
        return 2

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    install(world)
    populate(world)
    door = Door(world, DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", arguments.port, door, threaded=True, request_handler=MotoRequestHandler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())

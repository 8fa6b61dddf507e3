"""GetResources of the Resource Groups Tagging API, which c7n calls for the tags of every KMS key and cannot do without.

The simulator does not have it. c7n is told of this server by ``AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API``; all its
other calls go to the simulator directly, with nothing between.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPERATION = "ResourceGroupsTaggingAPI_20170126.GetResources"


@contextmanager
def tagging_api(tags: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Serves the tags of these ARNs until the block ends; gives the server's URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("X-Amz-Target") == OPERATION:
                # The API leaves out what has no tags.
                asked = json.loads(body).get("ResourceARNList", list(tags))
                found = [{"ResourceARN": arn, "Tags": listed(tags[arn])} for arn in asked if tags.get(arn)]
                self.answer(200, {"PaginationToken": "", "ResourceTagMappingList": found})
            else:
                self.answer(501, {"__type": "NotImplemented", "message": f"there is only {OPERATION}"})

        def answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]

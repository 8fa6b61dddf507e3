"""A Lambda Runtime API for one function instance: what a custom runtime's ``bootstrap`` talks to inside Lambda.

The binary is started as Lambda starts it, polls for events here, and answers here. Invocations are delivered one after
another, as Lambda does to one instance. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

API = "/2018-06-01/runtime"
STOP_SECONDS = 5
"""How long a function has between SIGTERM and SIGKILL."""

LAST_WORDS_SECONDS = 1
"""How long to wait, after an answer, for the runtime to ask for the next event."""

READER_SECONDS = 0.02
"""How long the thread that reads a function's log may lag behind it."""

TRACE_ID = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"

_ANSWER = re.compile(rf"{API}/invocation/(?P<id>[^/]+)/(?P<kind>response|error)")


class RuntimeFailed(AssertionError):
    """The binary did not behave as a Lambda runtime: it ended, failed to start, or did not answer. Carries its log."""


@dataclass(frozen=True)
class Invocation:
    """How one invocation ended: either ``payload`` or ``error_type`` and ``error_message`` are set."""

    request_id: str
    payload: Any = None
    error_type: str | None = None
    error_message: str | None = None
    log: str = ""
    """What the function wrote to standard output and error during this invocation."""

    def result(self) -> Any:
        """The payload of an invocation that must have succeeded."""
        assert self.error_type is None, f"{self.error_type}: {self.error_message}\n{self.log}"
        return self.payload


@dataclass
class _Event:
    request_id: str
    body: bytes
    deadline_ms: int
    arn: str


class LambdaFunction:
    """One instance of a function, running ``bootstrap`` with the environment Lambda would give it.

    Use it as a context manager: the process is ended in any case.
    """

    def __init__(
        self,
        bootstrap: Path,
        environment: dict[str, str],
        *,
        region: str = "us-east-1",
        account: str = "111111111111",
        name: str = "keycensus",
        memory_mb: int = 512,
        timeout_seconds: float = 60,
    ) -> None:
        self.bootstrap = bootstrap
        self.name = name
        self.memory_mb = memory_mb
        self.region = region
        self.arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
        self.timeout_seconds = timeout_seconds
        self.settings = environment
        self.events: queue.Queue[_Event] = queue.Queue()
        self.answers: queue.Queue[tuple[str, str, dict[str, str], bytes]] = queue.Queue()
        self.outstanding: str | None = None
        self.asked_for_next = threading.Event()
        self.stopped = threading.Event()
        self.output: list[str] = []

    def __enter__(self) -> LambdaFunction:
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.process = subprocess.Popen(
            [str(self.bootstrap)],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self.read_output, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.end(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)
            self.process.wait(STOP_SECONDS)
        self.server.shutdown()
        self.server.server_close()
        self.reader.join(STOP_SECONDS)

    def invoke(self, event: Any) -> Invocation:
        """Delivers one event and waits until it is answered, as ``aws lambda invoke`` does."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        request_id = str(uuid.uuid4())
        deadline = time.time() + self.timeout_seconds
        already_written = len(self.output)
        self.events.put(_Event(request_id, body, int(deadline * 1000), self.arn))
        while True:
            try:
                answered_id, kind, headers, answer = self.answers.get(timeout=0.2)
                break
            except queue.Empty:
                if self.process.poll() is not None and self.answers.empty():
                    raise RuntimeFailed(f"exited with {self.process.returncode}\n{self.log()}") from None
                if time.time() > deadline:
                    # Lambda stops an instance whose invocation timed out and says so in the error.
                    self.end(signal.SIGKILL)
                    message = f"{request_id} Task timed out after {self.timeout_seconds:.2f} seconds"
                    return Invocation(request_id, None, "Sandbox.Timedout", message, self.log(already_written))
        if kind == "init":
            raise RuntimeFailed(f"failed to initialize: {answer.decode(errors='replace')}\n{self.log()}")
        if answered_id != request_id:
            raise RuntimeFailed(f"answered {answered_id} instead of {request_id}\n{self.log()}")
        # An invocation is over when the runtime asks for the next one; until then it may still write to its log.
        self.asked_for_next.wait(LAST_WORDS_SECONDS)
        time.sleep(READER_SECONDS)
        log = self.log(already_written)
        value = json.loads(answer or b"null")
        if kind == "response":
            return Invocation(request_id, value, log=log)
        error_type = value.get("errorType") or headers.get("lambda-runtime-function-error-type", "?")
        return Invocation(request_id, None, error_type, value.get("errorMessage", ""), log)

    def log(self, start: int = 0) -> str:
        return "".join(self.output[start:])

    def environment(self) -> dict[str, str]:
        """The variables Lambda documents for a function, then the function's own settings."""
        host, port = self.server.server_address[:2]
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/tmp"),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "_HANDLER": "bootstrap",
            "LAMBDA_TASK_ROOT": str(self.bootstrap.parent),
            "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.settings,
        }

    def read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line.decode(errors="replace"))

    def end(self, how: signal.Signals) -> None:
        """Signals the function's own process group, which holds what it started too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Nothing: a function that is ended leaves its connection in the middle of a request."""


def _handler(function: LambdaFunction) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path != f"{API}/invocation/next":
                return self.answer(404, {})
            function.asked_for_next.set()
            while not function.stopped.is_set():
                try:
                    event = function.events.get(timeout=0.2)
                except queue.Empty:
                    continue
                function.outstanding = event.request_id
                function.asked_for_next.clear()
                headers = {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": event.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
                    "Lambda-Runtime-Invoked-Function-Arn": event.arn,
                    "Lambda-Runtime-Trace-Id": TRACE_ID,
                }
                return self.send(200, headers, event.body)
            self.close_connection = True

        def do_POST(self) -> None:
            body = self.read_body()
            headers = {name.lower(): value for name, value in self.headers.items()}
            if self.path == f"{API}/init/error":
                function.answers.put(("", "init", headers, body))
                return self.answer(202, {"status": "OK"})
            match = _ANSWER.fullmatch(self.path)
            if match is None:
                return self.answer(404, {})
            if match["id"] != function.outstanding:
                return self.answer(400, {"errorType": "InvalidRequestID", "errorMessage": "not outstanding"})
            function.outstanding = None
            function.answers.put((match["id"], match["kind"], headers, body))
            return self.answer(202, {"status": "OK"})

        def read_body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return body

        def answer(self, status: int, value: Any) -> None:
            self.send(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

        def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the function's own log is the one that matters."""

    return Handler

"""Serves a folder of functions over Lambda's invocation API.

    python functions.py <folder>

Each file of the folder is one function of the same name, with a `handler(event, context)`. The first line that is
printed is the address; it goes into the environment variable FUNCTION_ADDRESS of the functions.
"""

import importlib.util
import json
import pathlib
import re
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = re.compile(r"^/2015-03-31/functions/([A-Za-z0-9_-]+)/invocations$")


def load(folder):
    """The handler of each file, by the name of the file."""
    handlers = {}
    # What functions of a folder share lies beside it.
    sys.path.insert(0, str(pathlib.Path(folder).resolve().parent))
    for file in sorted(pathlib.Path(folder).glob("*.py")):
        spec = importlib.util.spec_from_file_location(file.stem.replace("-", "_"), file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        handlers[file.stem] = module.handler
    return handlers


class Context:
    """What a handler may ask about its invocation."""

    def __init__(self, name):
        self.function_name = name


class Invocations(BaseHTTPRequestHandler):
    """One request is one invocation."""

    handlers = {}

    def do_POST(self):
        event = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match = PATH.match(self.path)
        handler = self.handlers.get(match.group(1)) if match else None
        if handler is None:
            self.answer(404, {"Message": "There is no such function here."}, {"X-Amzn-ErrorType": "ResourceNotFoundException"})
            return
        try:
            self.answer(200, handler(json.loads(event or b"{}"), Context(match.group(1))))
        except Exception as error:  # whatever a function raises is its answer
            # Standard error has where it happened and not what it said: that may hold a task token.
            frames = traceback.extract_tb(error.__traceback__)
            print(f"{match.group(1)}: {type(error).__name__} at line {frames[-1].lineno}", file=sys.stderr)
            failure = {"errorMessage": str(error), "errorType": type(error).__name__}
            self.answer(200, failure, {"X-Amz-Function-Error": "Unhandled"})

    def answer(self, status, body, headers=None):
        body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Invocations are no news, and their payloads hold task tokens."""


def main(folder):
    Invocations.handlers = load(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Invocations)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

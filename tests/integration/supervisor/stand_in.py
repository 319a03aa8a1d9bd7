"""A tiny HTTP program for the supervisor to look after: stand_in.py PORT FOLDER [MODE].

MODE `dies` ends at once with code 3, `deaf` ignores SIGTERM. While FOLDER/mute exists it does not
answer; on SIGTERM it appends its folder's name to FOLDER/../stopped before it ends.
"""

import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
MODE = sys.argv[3] if len(sys.argv) > 3 else "good"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        while (FOLDER / "mute").exists():
            time.sleep(0.1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        del arguments


def end(*arguments: object) -> None:
    del arguments
    with (FOLDER.parent / "stopped").open("a") as file:
        file.write(f"{FOLDER.name}\n")
    sys.exit(0)


def main() -> None:
    if MODE == "dies":
        print("stand-in cannot find its configuration", flush=True)
        sys.exit(3)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if MODE == "deaf" else end)
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    server.daemon_threads = True
    server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()

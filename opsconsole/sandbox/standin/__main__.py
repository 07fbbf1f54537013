"""Run the stand-in: prints its address in one line, ends with SIGTERM or Ctrl-C."""

import argparse
import contextlib
import signal
import sys

from opsconsole.sandbox.standin.server import Standin


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m opsconsole.sandbox.standin", description=__doc__
    )
    parser.add_argument(
        "--platform-url", required=True, help="the platform, as the owner of its tables"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument(
        "--seed", type=int, default=1, help="decides what GitHub answers"
    )
    parser.add_argument(
        "--every", type=float, default=0, help="seconds between scheduled runs; 0: none"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Standin(options.platform_url, port=options.port, seed=options.seed) as standin:
        if options.every:
            standin.keep_schedule(options.every)
        print(standin.address, flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            standin.serve_forever()


if __name__ == "__main__":
    main()

"""`python -m bot.alive`: whether the bot on this machine works, for a container's health check; 0 or 1.

Asks /readyz where WEB=true. Without it there is no door to knock on: the process lives, or its container would not.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

from bot.settings import Settings, load_settings

SECONDS = 10.0


def main() -> int:
    """The exit code; what is wrong stands on stderr."""
    return _ask(settings) if (settings := load_settings()).web else 0


def _ask(settings: Settings) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{settings.web_port}/readyz", timeout=SECONDS):
            return 0
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"not ready: {error.read().decode(errors='replace')[:200]}\n")
    except OSError as error:
        sys.stderr.write(f"nobody answers on port {settings.web_port} ({type(error).__name__})\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

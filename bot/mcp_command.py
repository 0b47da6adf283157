"""`ticket-intel mcp`: start the MCP server, if its extra is installed."""

from __future__ import annotations

import importlib.util

from bot.bearer import Rate
from bot.errors import BadInput, BadSettings
from bot.flows.reads import Reads, scope_of
from bot.terminal import at_work


def mcp_command(*, http: bool) -> None:
    """Serve until the client or the operator ends it. Raises BadInput without the extra, BadSettings without a token."""
    if importlib.util.find_spec("mcp") is None:
        raise BadInput(problem="The MCP SDK is not installed.", fix="Run `pip install 'ticket-intel[mcp]'`.")
    from bot.mcp_server import serve_http, serve_stdio

    with at_work() as desk:
        reads = Reads(desk.deps, scope_of(desk.deps, desk.workspace))
        settings = desk.deps.settings
        if not http:
            serve_stdio(reads)
            return
        if settings.api_token is None:
            raise BadSettings(problems="API_TOKEN: MCP over HTTP is not served without a token")
        rate = Rate(settings.api_per_minute, desk.deps.clock)
        serve_http(reads, settings.api_token, rate, host=settings.web_host, port=settings.web_port)

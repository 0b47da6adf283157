"""The HTTP and WebSocket surface: what the app and the browser can reach."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from playground.errors import SlackError
from playground.faults import Fault
from playground.oauth import page
from playground.responses import respond
from playground.server_thread import LOOPBACK, Transports
from playground.slack import Slack
from playground.web_api import answer

PAGE = Path(__file__).parent / "page"
JSON_ARGUMENTS = ("blocks", "attachments", "view", "metadata", "chunks", "files", "message")
POLICY = (
    "default-src 'self'; img-src 'self' data: https: http:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Surface:
    """The routes. Everything that the app or a browser can reach."""

    def __init__(self, slack: Slack, serve_app: Callable[[WebSocket], Awaitable[None]], serve_page: Any) -> None:
        self._slack, self._serve_app, self._serve_page = slack, serve_app, serve_page
        self.slacks = [slack]  # the workspaces that are reached here; the page shows the first
        self.transports: Transports = {}
        routes = [
            Route("/api/{method}", self._web_api, methods=["GET", "POST"]),
            Route("/oauth/v2/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/hooks/{key}", self._hook, methods=["POST"]),
            Route("/upload/{key}", self._upload, methods=["POST"]),
            Route("/files/{file_id}/{name}", self._file),
            Route("/archives/{channel}/{place}", self._permalink),
            WebSocketRoute("/socket", self._app_socket),
            WebSocketRoute("/page/ws", self._page_socket),
            Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/", self._page),
        ]
        self.asgi = LoopbackOnly(Starlette(routes=routes))

    # -- the app's side -----------------------------------------------------------------------------------------
    async def _web_api(self, request: Request) -> Response:
        method, slack = request.path_params["method"], self._slack
        if self._slack.faults.is_down:
            return PlainTextResponse("Slack is down", status_code=503)
        args: dict[str, Any] = {}
        fault: Fault | None = None
        headers: dict[str, str] = {}
        try:
            args = await arguments(request)
            token = bearer(request) or str(args.pop("token", ""))
            slack = self._slack_of(token)
            fault = slack.faults.take(method)
            status, reply, headers = await self._answered(slack, method, args | basic(request), token, fault)
        except SlackError as error:
            status, reply, headers = error.status, error.as_reply(), error.headers
        slack.record(method, args, status, reply)
        if fault and fault.drop:
            await self._drop(request)
        return JSONResponse(reply, status, {"x-slack-req-id": f"pg{len(slack.calls)}", **scopes_of(slack), **headers})

    def _slack_of(self, token: str) -> Slack:
        """The workspace that a token opens, or opened; the first for any other."""
        held = (s for s in self.slacks if token and token in (s.credentials.bot_token, *s.credentials.revoked))
        return next(held, self._slack)

    async def _answered(
        self, slack: Slack, method: str, args: dict[str, Any], token: str, fault: Fault | None
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        if fault and fault.delay and not fault.applied:
            await asyncio.sleep(fault.delay)
        if fault and fault.replaces and not fault.applied:
            raise SlackError(fault.error or "internal_error", status=fault.status, headers=fault.headers)
        reply = answer(slack, method, args, token)
        if fault and fault.delay and fault.applied:
            await asyncio.sleep(fault.delay)
        if fault and fault.replaces:
            raise SlackError(fault.error or "internal_error", status=fault.status, headers=fault.headers)
        return 200, reply, {}

    async def _drop(self, request: Request) -> None:
        """Cut the connection instead of answering."""
        transport = self.transports.get(request.scope["client"])
        if transport:
            transport.abort()
        while (await request.receive())["type"] != "http.disconnect":
            pass

    async def _hook(self, request: Request) -> Response:
        if self._slack.faults.is_down:
            return PlainTextResponse("Slack is down", status_code=503)
        body, key = await request.body(), request.path_params["key"]
        slack = next((s for s in self.slacks if key in s.response_urls), self._slack)
        fault = slack.faults.take("response_url")
        try:
            args = json_object(body)
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault and fault.replaces:
                raise SlackError(fault.error or "internal_error", status=fault.status, headers=fault.headers)
            respond(slack, key, args)
        except SlackError as error:
            status = error.status if error.status != 200 else 400
            slack.record("response_url", {"body": body.decode(errors="replace")}, status, error.as_reply())
            return JSONResponse(error.as_reply(), status, error.headers)
        slack.record("response_url", args, 200, {"ok": True})
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        if "multipart/form-data" in request.headers.get("content-type", ""):
            async with request.form() as form:
                parts = [await part.read() for part in form.values() if not isinstance(part, str)]
            content = parts[0] if parts else b""
        else:
            content = await request.body()
        try:
            upload = self._slack.files.put(request.path_params["key"], content)
        except SlackError as error:
            return PlainTextResponse(error.error, error.status)
        return PlainTextResponse(f"OK - {upload.length}")

    async def _file(self, request: Request) -> Response:
        try:
            upload = self._slack.files.get(request.path_params["file_id"])
        except SlackError:
            return PlainTextResponse("file_not_found", 404)
        mimetype = self._slack.files.as_slack(upload)["mimetype"] or "application/octet-stream"
        safe = mimetype if re.fullmatch(r"image/(png|jpeg|gif|webp)", mimetype) else "application/octet-stream"
        return Response(upload.content or b"", media_type=safe, headers={"x-content-type-options": "nosniff"})

    async def _app_socket(self, websocket: WebSocket) -> None:
        if self._slack.faults.is_down:
            await websocket.close(1013)
            return
        await self._serve_app(websocket)

    # -- the browser's side -------------------------------------------------------------------------------------
    async def _page(self, request: Request) -> Response:
        index = PAGE / "index.html"
        if not index.exists():
            return PlainTextResponse("This playground has no page; its Web API is at /api/.", 404)
        return FileResponse(index, headers={"content-security-policy": POLICY, "cache-control": "no-cache"})

    async def _page_socket(self, websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        if origin and urlsplit(origin).netloc != websocket.headers.get("host"):
            await websocket.close(1008)  # another site in the same browser may not drive the playground
            return
        await self._serve_page(websocket)

    async def _authorize(self, request: Request) -> Response:
        """Where a person lets the app in, or does not."""
        query, grants = dict(request.query_params), self._slack.grants
        try:
            scopes = grants.asked(query)
            if request.method == "GET":
                people = {
                    f"{s.workspace.team_id}/{user.id}": f"{user.real_name}, {s.workspace.name}"
                    for s in self.slacks
                    for user in s.workspace.users.values()
                    if not user.is_bot and user.team_id == s.workspace.team_id
                }
                return HTMLResponse(page(self._slack.app.name, scopes, people), headers={"cache-control": "no-store"})
            form = dict(parse_qsl((await request.body()).decode(errors="replace")))
            team, _, user = form.get("who", "").partition("/")
            slack = next((s for s in self.slacks if s.workspace.team_id == team and user in s.workspace.users), None)
            if form.get("answer") != "allow" or slack is None:
                return RedirectResponse(grants.cancel(query), 302)
            return RedirectResponse(grants.allow(slack, user, query), 302)
        except SlackError as error:
            return PlainTextResponse(error.error, error.status)

    async def _permalink(self, request: Request) -> Response:
        digits = request.path_params["place"].lstrip("p")
        ts = f"{digits[:-6]}.{digits[-6:]}"
        thread = request.query_params.get("thread_ts")
        suffix = f"&thread_ts={thread}" if thread and re.fullmatch(r"[\d.]+", thread) else ""
        channel = request.path_params["channel"]
        if not re.fullmatch(r"\w+", channel) or not re.fullmatch(r"\d+\.\d{6}", ts):
            return PlainTextResponse("no such message", 404)
        return RedirectResponse(f"/?channel={channel}&ts={ts}{suffix}")


class LoopbackOnly:
    """Refuses requests that were addressed to another host name (DNS rebinding)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((v.decode() for k, v in scope.get("headers", []) if k == b"host"), "")
        if scope["type"] in ("http", "websocket") and urlsplit(f"//{host}").hostname not in LOOPBACK:
            if scope["type"] == "http":
                await PlainTextResponse("this playground serves only this machine", 421)(scope, receive, send)
            else:
                await WebSocket(scope, receive, send).close(1008)
            return
        await self._app(scope, receive, send)


async def arguments(request: Request) -> dict[str, Any]:
    """The arguments of a Web API call from query, form or JSON body. Raises SlackError."""
    args: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    body = await request.body()
    if "application/json" in kind:
        args |= json_object(body)
    elif "multipart/form-data" in kind:
        async with request.form() as form:
            args |= {name: value for name, value in form.items() if isinstance(value, str)}
    elif body:
        args |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    for name in JSON_ARGUMENTS:
        if isinstance(args.get(name), str) and args[name]:
            try:
                args[name] = json.loads(args[name])
            except ValueError as error:
                raise SlackError("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from error
    return args


def json_object(body: bytes) -> dict[str, Any]:
    """Raises SlackError invalid_json or json_not_object."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def scopes_of(slack: Slack) -> dict[str, str]:
    scopes = slack.credentials.scopes
    return {} if scopes is None else {"x-oauth-scopes": ",".join(scopes)}


def basic(request: Request) -> dict[str, str]:
    """Client credentials in the Authorization header, as oauth.v2.access takes them."""
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(word, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_auth") from error
    return {"client_id": client_id, "client_secret": secret}


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""

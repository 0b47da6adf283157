"""Uploads: an url to put bytes to, completion into a channel, and processing that takes a moment."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import Any

from playground.errors import SlackError
from playground.workspace import Workspace


@dataclass(slots=True)
class Upload:
    """One file. `looks` counts down: so many files.info calls find it unprocessed, as in the first moments in Slack."""

    id: str
    name: str
    length: int
    owner: str
    key: str
    created: int
    looks: int
    title: str = ""
    content: bytes | None = None
    complete: bool = False
    channels: list[str] = field(default_factory=list)


class Files:
    """Files of the workspace; content is kept in memory. `processing_looks`: how busy Slack is with the next ones."""

    def __init__(self, workspace: Workspace, processing_looks: int = 1) -> None:
        self._workspace, self.processing_looks = workspace, processing_looks
        self.base_url = ""
        self._uploads: dict[str, Upload] = {}

    def reserve(self, name: str, length: int, owner: str) -> Upload:
        created = int(self._workspace.clock())
        upload = Upload(
            self._workspace.new_id("F"), name, length, owner, secrets.token_urlsafe(12), created, self.processing_looks
        )
        self._uploads[upload.id] = upload
        return upload

    def get(self, file_id: str) -> Upload:
        """Raises SlackError file_not_found."""
        upload = self._uploads.get(file_id)
        if upload is None:
            raise SlackError("file_not_found")
        return upload

    def put(self, key: str, content: bytes) -> Upload:
        """Take the bytes sent to an upload url. Raises SlackError (status 404 or 400)."""
        upload = next((u for u in self._uploads.values() if u.key == key and not u.complete), None)
        if upload is None:
            raise SlackError("file_not_found", status=404)
        if len(content) != upload.length:
            raise SlackError("length_mismatch", status=400)
        upload.content = content
        return upload

    def complete(self, file_id: str, title: str) -> Upload:
        upload = self.get(file_id)
        if upload.content is None or upload.complete:
            raise SlackError("file_not_found" if upload.content is None else "already_completed")
        upload.title, upload.complete = title or upload.name, True
        return upload

    def info(self, file_id: str) -> dict[str, Any]:
        """One look at a file as files.info gives it; each look brings processing nearer its end."""
        upload = self.get(file_id)
        shown = self.as_slack(upload)
        if upload.complete and upload.looks > 0:
            upload.looks -= 1
        return shown

    def looked_at(self, file_id: str) -> bool:
        """Whether a message may show it; a refused message is a look, too."""
        ready = self.is_ready(file_id)
        if not ready and file_id in self._uploads:
            self.info(file_id)
        return ready

    def is_ready(self, file_id: str) -> bool:
        upload = self._uploads.get(file_id)
        return upload is not None and upload.complete and upload.looks <= 0

    def as_slack(self, upload: Upload) -> dict[str, Any]:
        """The `file` object; type and thumbnails are empty until processing is over."""
        ready = self.is_ready(upload.id)
        mimetype = (mimetypes.guess_type(upload.name)[0] or "application/octet-stream") if ready else ""
        url = f"{self.base_url}/files/{upload.id}/{upload.name}"
        return {
            "id": upload.id,
            "created": upload.created,
            "timestamp": upload.created,
            "name": upload.name,
            "title": upload.title or upload.name,
            "mimetype": mimetype,
            "filetype": upload.name.rpartition(".")[2] if ready else "",
            "pretty_type": upload.name.rpartition(".")[2].upper() if ready else "",
            "user": upload.owner,
            "editable": False,
            "size": upload.length,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": url,
            "url_private_download": url,
            "permalink": url,
            "channels": list(upload.channels),
            "groups": [],
        }

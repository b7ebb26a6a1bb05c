"""files.*: an address for one upload, the upload itself, and sharing the file."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.slack.api.call import Call, Method
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.ids import new_id
from playground.slack.messages import Messages
from playground.slack.model import File, Json
from playground.slack.refusals import refuse_post

SCOPE = "files:write"
LARGEST = 5_000_000  # bytes that this Slack accepts
ALT_TEXT_LIMIT = 1_000
UPLOAD = "upload"


class Files:
    """A file is announced, uploaded once and completed once. Then people can see it."""

    def __init__(self, core: Core, messages: Messages) -> None:
        self._core = core
        self._messages = messages

    def methods(self) -> dict[str, Method]:
        shared = ("channel_id", "channels", "initial_comment", "thread_ts", "blocks")
        return {
            "files.getUploadURLExternal": Method(
                self._announce, ("filename", "length"), ("alt_txt", "snippet_type"), SCOPE
            ),
            "files.completeUploadExternal": Method(self._complete, ("files",), shared, SCOPE),
        }

    def routes(self) -> list[Route]:
        return [Route("/upload/v1/{key}", self._upload, methods=["POST"])]

    def _announce(self, call: Call) -> Json:
        length, alt_text = int(call.number("length", 0)), call.text("alt_txt")
        if not 0 < length <= LARGEST:
            raise SlackError("invalid_arguments", "length is the size of the file in bytes")
        if len(alt_text) > ALT_TEXT_LIMIT:
            raise SlackError("alt_txt_too_large")
        installation = call.installation
        file = File(new_id("F"), installation.id, installation.bot_user_id, call.text("filename"))
        file.length, file.alt_text, file.upload_key = length, alt_text, new_id("U")
        self._core.state.add_file(file)
        address = f"{self._core.config.base_url.rstrip('/')}/upload/v1/{file.upload_key}"
        return {"upload_url": address, "file_id": file.id}

    async def _upload(self, request: Request) -> Response:
        """Takes the raw bytes once, exactly as many as were announced."""
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST:
                return self._bad("file_too_large", 413)
        key = request.path_params["key"]
        file = next((f for f in self._core.state.files.values() if f.upload_key == key), None)
        if file is None:
            return self._bad("not_found", 404)
        if file.content:
            return self._bad("uploaded_twice", 400)
        if len(content) != file.length:
            return self._bad("wrong_length", 400)
        file.content = bytes(content)
        return PlainTextResponse(f"OK - {len(content)}")

    def _bad(self, error: str, status: int) -> Response:
        self._core.breach(UPLOAD, error)
        return PlainTextResponse(error, status)

    def _complete(self, call: Call) -> Json:
        wanted = _wanted(call.args["files"])
        files = [self._uploaded(call, each) for each in wanted]
        channel_id = call.text("channel_id")
        if channel_id:
            self._share(call, files)
        for file, each in zip(files, wanted, strict=True):
            file.title, file.completed = str(each.get("title") or file.name), True
        self._core.changed()
        return {"files": [{"id": file.id, "title": file.title} for file in files]}

    def _uploaded(self, call: Call, wanted: Json) -> File:
        file = self._core.state.files.get(str(wanted["id"]))
        if file is None or file.team_id != call.installation.id or not file.content:
            raise SlackError("file_not_found", str(wanted["id"]))
        if file.completed:
            raise SlackError("invalid_arguments", "a file is completed once")
        return file

    def _share(self, call: Call, files: list[File]) -> None:
        channel = call.channel("channel_id")
        if channel.is_archived:
            raise SlackError("is_archived")
        if call.installation.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        refuse_post(channel, in_thread=bool(call.text("thread_ts")))
        self._messages.share(
            call.installation, channel, call.text("initial_comment"), call.text("thread_ts"), files
        )


def _wanted(given: Any) -> list[Json]:
    """`[{"id": …, "title": …}]`, also as JSON inside a form."""
    try:
        files = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        files = None
    if not isinstance(files, list) or not files:
        raise SlackError("invalid_arguments", "files is a list of objects")
    if not all(isinstance(each, dict) and each.get("id") for each in files):
        raise SlackError("invalid_arguments", "every file has an id")
    return files

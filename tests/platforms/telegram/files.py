"""Photos and files that people send, and how the bot gets them: getFile, then the download by its path."""

import hashlib
import io
from typing import Any

from aiohttp import web
from PIL import Image

from .calls import Kind, Method, required
from .errors import Json, bad_request
from .people import People
from .people_and_groups import Group, Shown, User
from .platform import Platform

DOWNLOAD_MAX = 20 * 1024 * 1024
_SIDES = (90, 320, 800, 1280)


class Files(People):
    """People who send photos and files. `downloads` are the ids of what the bot fetched, in that order."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.downloads: list[str] = []

    def send_photo(self, user: User, content: bytes, group: Group | None = None, **about: Any) -> Json:
        """`user` sends a picture as a photo: what arrives are JPEGs of several sizes, the largest last."""
        made = Image.open(io.BytesIO(content)).convert("RGB")
        sides = [side for side in _SIDES if side < max(made.size)] + [max(made.size)]
        sizes = [self._size(made, side) for side in sides[: len(_SIDES)]]
        return self._send(user, group, {"photo": sizes}, **about)

    def send_document(
        self, user: User, content: bytes, mime_type: str | None, group: Group | None = None, **about: Any
    ) -> Json:
        """`user` sends a file, which arrives as it is."""
        document = self._kept(content)
        if mime_type is not None:
            document |= {"mime_type": mime_type, "file_name": "a file"}
        return self._send(user, group, {"document": document}, **about)

    def send_other(self, user: User, fields: Json) -> Json:
        """`user` sends something that is neither a text nor a file, such as a place on a map."""
        return self._send(user, None, fields)

    def _send(
        self,
        user: User,
        group: Group | None,
        fields: Json,
        *,
        caption: str | None = None,
        reply_to: Json | Shown | None = None,
    ) -> Json:
        said = {} if caption is None else {"caption": caption}
        chat = user if group is None else group
        message = self.new_message(chat, user, fields | said | self._reply(chat.id, reply_to))
        if group is None:
            self.queue.add("message", message)
        else:
            self._tell(group, "message", message)
        return message

    def _size(self, made: Image.Image, side: int) -> Json:
        sized, written = made.copy(), io.BytesIO()
        sized.thumbnail((side, side))
        sized.save(written, "JPEG", quality=85)
        return {**self._kept(written.getvalue()), "width": sized.width, "height": sized.height}

    def _kept(self, content: bytes) -> Json:
        digest = hashlib.sha256(content).hexdigest()
        file_id = f"file-{digest[:32]}"
        self.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": digest[:16], "file_size": len(content)}

    async def download(self, request: web.Request) -> web.Response:
        """Answer a download by the path that getFile named."""
        file_id = request.match_info["path"].removeprefix("files/")
        if request.match_info["token"] != self.token or file_id not in self.files:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        self.downloads.append(file_id)
        return web.Response(body=self.files[file_id], content_type="application/octet-stream")


def get_file(platform: Platform, params: Json) -> Json:
    """getFile."""
    file_id = required(params, "file_id")
    content = platform.files.get(file_id)
    if content is None:
        raise bad_request("invalid file_id")
    if len(content) > DOWNLOAD_MAX:
        raise bad_request("file is too big")
    digest = hashlib.sha256(content).hexdigest()
    about = {"file_unique_id": digest[:16], "file_size": len(content)}
    return {"file_id": file_id, **about, "file_path": f"files/{file_id}"}


METHODS: dict[str, Method[Any]] = {"getFile": Method(get_file, {"file_id": Kind.TEXT})}

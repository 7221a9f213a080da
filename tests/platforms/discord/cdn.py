"""Files on Discord's content network: put there by people and bots, fetched by their addresses."""

from dataclasses import dataclass, field

from aiohttp import web

from tests.platforms.discord.model import Json


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody sends; Discord tells its type by its name, if at all."""

    name: str
    content: bytes
    content_type: str | None = None


@dataclass(slots=True)
class Cdn:
    """What was put up, by path. `fetched` are the names of what was downloaded, in that order."""

    address: str = "https://cdn.discordapp.com"
    stored: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def put(self, attachment_id: int, channel_id: int, file: File) -> Json:
        """Store a file; return the API's attachment."""
        path = f"/attachments/{channel_id}/{attachment_id}/{file.name}"
        self.stored[path] = file.content
        address = f"{self.address}{path}?ex=1&is=2&hm=3&"
        about = {"id": str(attachment_id), "filename": file.name, "size": len(file.content)}
        kind = {} if file.content_type is None else {"content_type": file.content_type}
        return {**about, **kind, "url": address, "proxy_url": address}

    async def serve(self, request: web.Request) -> web.Response:
        """Answer a download."""
        content = self.stored.get(request.path)
        if content is None:
            return web.Response(status=404, text="This content is no longer available.")
        self.fetched.append(request.match_info["name"])
        return web.Response(body=content)

"""What routes take from a request."""

from typing import Annotated, cast

from fastapi import Depends, HTTPException, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from cerberus.engine.api.streams import Followers
from cerberus.engine.api.threads import JavaThreads
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.inputs import Part
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid

LARGEST_PAGE = 10_000
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def _kestra(request: Request) -> Kestra:
    return cast(Kestra, request.app.state.kestra)


def _threads(request: Request) -> JavaThreads:
    return cast(JavaThreads, request.app.state.threads)


def _followers(request: Request) -> Followers:
    followers = cast(Followers, request.app.state.followers)
    followers.require_room()
    return followers


def _page(
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 10,
    sort: Annotated[list[str] | None, Query()] = None,
) -> Page:
    return Page(page, size, tuple(sort or ()))


def _filters(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


async def read_text(request: Request) -> str:
    """Return the body as text."""
    body = await request.body()
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("body", f"UTF-8 text is required, byte {error.start} is not") from error


async def read_parts(request: Request) -> list[Part]:
    """Return the parts of a form; no body means none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        if await request.body():
            raise HTTPException(
                415, f"inputs are sent as multipart/form-data, was {kind or 'none'}"
            )
        return []
    parts = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            parts.append(
                Part(
                    name, file_name=value.filename, file=value.file, content_type=value.content_type
                )
            )
        else:
            parts.append(Part(name, text=value))
    return parts


def json_response(text: str) -> Response:
    """Return JSON that the engine wrote itself."""
    return Response(text, media_type="application/json")


KestraPart = Annotated[Kestra, Depends(_kestra)]
Threads = Annotated[JavaThreads, Depends(_threads)]
FollowersPart = Annotated[Followers, Depends(_followers)]
PageOf = Annotated[Page, Depends(_page)]
Filters = Annotated[list[tuple[str, str]], Depends(_filters)]
YamlBody = Annotated[str, Depends(read_text)]
TextBody = Annotated[str, Depends(read_text)]
FormParts = Annotated[list[Part], Depends(read_parts)]

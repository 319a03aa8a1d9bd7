"""Replace a text in the sources of flows: `/api/v1/main/flows/source/replace/...`."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from cerberus.engine.api.parameters import KestraPart, Threads
from cerberus.engine.kestra.flow_views import SourceSearch
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.source_replace import Place, Replacement

router = APIRouter(prefix="/api/v1/main/flows/source/replace", tags=["flows"])

LARGEST_REPLACEMENT, MOST_FLOWS = 10_000, 1000


class Wanted(BaseModel):
    """What is looked for, and what comes in its place."""

    model_config = ConfigDict(extra="ignore")

    query: str = Field(min_length=1)
    replacement: str = Field(max_length=LARGEST_REPLACEMENT)
    namespace: str | None = None
    case_sensitive: bool = Field(default=False, alias="caseSensitive")
    whole_word: bool = Field(default=False, alias="wholeWord")
    regex: bool = False
    scope: str | None = None

    def to_replacement(self) -> Replacement:
        """Return it in the engine's words."""
        search = SourceSearch(
            self.query,
            self.namespace,
            self.case_sensitive,
            self.whole_word,
            self.regex,
            self.scope,
        )
        return Replacement(search, self.replacement)


class FlowName(BaseModel):
    """Names a flow."""

    model_config = ConfigDict(extra="ignore")

    namespace: str
    id: str


class WantedInFlows(Wanted):
    """The flows that are to be written anew."""

    flows: list[FlowName] = Field(min_length=1, max_length=MOST_FLOWS)


class WantedInLine(Wanted):
    """The flow and its line; `column` leaves all matches but the one that begins there."""

    namespace: str = Field(min_length=1)
    id: str = Field(min_length=1)
    line: int = Field(ge=1)
    column: int | None = Field(default=None, ge=0)


@router.post("/preview")
async def preview_replacement(kestra: KestraPart, threads: Threads, wanted: Wanted) -> JsonObject:
    """Show the lines that would change; nothing is written."""
    return await threads.wait(kestra.source_replace.preview, wanted.to_replacement())


@router.post("/apply")
async def apply_replacement(
    kestra: KestraPart, threads: Threads, wanted: WantedInFlows
) -> JsonObject:
    """Write the named flows anew; `skipped` says which stayed as they are, and why."""
    names = [(each.namespace, each.id) for each in wanted.flows]
    return await threads.wait(kestra.source_replace.apply, wanted.to_replacement(), names)


@router.post("/line")
async def replace_in_line(kestra: KestraPart, threads: Threads, wanted: WantedInLine) -> JsonObject:
    """Write one line of a flow anew and return the flow with its source."""
    place = Place(wanted.namespace, wanted.id, wanted.line, wanted.column)
    return await threads.wait(kestra.source_replace.apply_to_line, wanted.to_replacement(), place)

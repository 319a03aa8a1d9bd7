"""Replace a text in the sources of flows; the engine's own matcher finds and replaces."""

from collections.abc import Iterable
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.errors import describe, from_java
from cerberus.engine.kestra.flow_views import SourceSearch, require_scope, require_searchable
from cerberus.engine.kestra.flows import Flows
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.lookup import find_flow
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid, NotFound, Rejected

_MATCHER = "io.kestra.core.utils.SourceSearchMatcher"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is looked for, and what comes in its place; groups count in a regular expression."""

    search: SourceSearch
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a flow, the first is 1; with a column, the one match that begins there."""

    namespace: str
    id: str
    line: int
    column: int | None = None


class SourceReplace:
    """Shows what a replacement would change, and changes it."""

    def __init__(self, beans: Beans, flows: Flows) -> None:
        self._beans = beans
        self._flows = flows

    def preview(self, wanted: Replacement) -> JsonObject:
        """Return each line that would change, before and after; nothing is written."""
        rewriter, shown = _Rewriter(wanted), []
        for found in self._candidates(wanted.search):
            model = found.getModel()
            namespace, id_ = str(model.getNamespace()), str(model.getId())
            source = str(find_flow(self._beans, namespace, id_).getSource())
            matches = rewriter.preview(source)
            name = {"namespace": namespace, "id": id_, "editable": bool(found.isEditable())}
            shown.append((name, matches))
        return {
            "totalMatches": sum(len(matches) for _, matches in shown),
            "totalFlows": len(shown),
            "editableFlowCount": sum(bool(name["editable"]) for name, _ in shown),
            "flows": [{**name, "matches": matches} for name, matches in shown],
        }

    def apply(self, wanted: Replacement, names: Iterable[tuple[str, str]]) -> JsonObject:
        """Write the named flows anew; each stands on its own, and what was left says why."""
        rewriter = _Rewriter(wanted)
        updated: list[JsonObject] = []
        skipped: list[JsonObject] = []
        for namespace, id_ in dict.fromkeys(names):
            name: JsonObject = {"namespace": namespace, "id": id_}
            try:
                source = str(find_flow(self._beans, namespace, id_).getSource())
            except NotFound:
                skipped.append({**name, "reason": "NOT_FOUND"})
                continue
            changed = rewriter.whole(source)
            if changed == source:
                reason = "NO_CHANGE" if rewriter.matches(source) else "NO_MATCH"
                skipped.append({**name, "reason": reason})
                continue
            try:
                updated.append(self._update(namespace, id_, changed))
            except Rejected as error:
                skipped.append({**name, "reason": "INVALID_FLOW", "message": str(error)})
        return {"updated": updated, "skipped": skipped}

    def apply_to_line(self, wanted: Replacement, place: Place) -> JsonObject:
        """Write one line of a flow anew and return the flow."""
        source = str(find_flow(self._beans, place.namespace, place.id).getSource())
        changed = _Rewriter(wanted).at(source, place)
        return self._update(place.namespace, place.id, changed)

    def _update(self, namespace: str, id_: str, source: str) -> JsonObject:
        try:
            return self._flows.update(namespace, id_, source)
        except JavaError as error:
            known = from_java(error)
            if known is None:
                raise
            raise known from error

    def _candidates(self, search: SourceSearch) -> Java:
        limit = int(java(_MATCHER).MAX_SOURCE_SEARCH_CANDIDATES)
        found = self._beans.flows.findSourceCode(
            Page(1, limit, ("namespace:asc", "id:asc")).to_java(),
            search.text,
            search.case_sensitive,
            search.whole_word,
            search.regex,
            require_scope(search.scope),
            TENANT,
            search.namespace,
        )
        if int(found.getTotal()) > limit:
            raise Invalid("query", f"{int(found.getTotal())} flows match, limit {limit}")
        return found


class _Rewriter:
    def __init__(self, wanted: Replacement) -> None:
        require_searchable(wanted.search)
        search = wanted.search
        self._search, self._matcher = search, java(_MATCHER)
        self._scope = require_scope(search.scope)
        try:
            self._pattern = self._matcher.toPattern(
                search.text, search.case_sensitive, search.whole_word, search.regex
            )
            self._matcher.ensureValidReplacement(self._pattern, wanted.text, search.regex)
        except JavaError as error:
            raise Invalid("query", describe(error)) from error
        quote = java("java.util.regex.Matcher").quoteReplacement
        self._text = wanted.text if search.regex else str(quote(wanted.text))

    def matches(self, source: str) -> list[tuple[int, int]]:
        search = self._search
        found = self._matcher.findMatches(
            source,
            search.text,
            search.case_sensitive,
            search.whole_word,
            search.regex,
            self._scope,
        )
        return [(int(each.line()), int(each.column())) for each in found]

    def whole(self, source: str) -> str:
        replace = self._matcher.replaceWithinScope
        return str(replace(source, self._pattern, self._text, self._scope))

    def preview(self, source: str) -> list[JsonObject]:
        lines = dict.fromkeys(line for line, _ in self.matches(source))
        shown: list[JsonObject] = []
        for line in lines:
            before = str(self._matcher.extractLine(source, line))
            if not self._on(before).find():
                raise Invalid("query", f"the match in line {line} goes over the line's end")
            after = str(self._on(before).replaceAll(self._text))
            shown.append({"line": line, "before": before, "after": after})
        return shown

    def at(self, source: str, place: Place) -> str:
        columns = [column for line, column in self.matches(source) if line == place.line]
        if not columns:
            raise Invalid("line", f"line {place.line} holds no match")
        if place.column is not None and place.column not in columns:
            raise Invalid("column", f"a match begins at one of {columns}, was {place.column}")
        lines = source.split("\n")
        old = lines[place.line - 1]
        lines[place.line - 1] = (
            str(self._on(old).replaceAll(self._text))
            if place.column is None
            else self._one(old, place.column)
        )
        return "\n".join(lines)

    def _one(self, line: str, column: int) -> str:
        found = self._on(line)
        if not found.find(column):
            raise Invalid("column", f"no match within the line from {column} on")
        changed = java("java.lang.StringBuilder")()
        found.appendReplacement(changed, self._text)
        found.appendTail(changed)
        return str(changed)

    def _on(self, text: str) -> Java:
        return java("io.kestra.core.utils.RegexUtils").matcher(self._pattern, text)

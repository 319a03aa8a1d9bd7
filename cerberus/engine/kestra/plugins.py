"""What the engine's plugins are and what they take, from their own classes."""

import base64
import threading

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject, to_object
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid, NotFound

_DOCS = "io.kestra.core.docs."
_FLOWABLE = "io.kestra.core.models.tasks.FlowableTask"


class Plugins:
    """The registry of plugin classes; schemas are made when first asked for, and kept."""

    def __init__(self, beans: Beans) -> None:
        self._of_class = beans.of_class
        # two schemas at once take twice the memory and give the same
        self._one_at_a_time = threading.Lock()

    def search(self, page: Page) -> JsonObject:
        """Return one page of the groups of plugins."""
        found = [self._shown(each, None) for each in self._registered()]
        first = (page.number - 1) * page.size
        return {"results": found[first : first + page.size], "total": len(found)}

    def by_subgroup(self) -> list[JsonObject]:
        """Return the plugins, a group or a subgroup each."""
        return [
            self._shown(each, subgroup)
            for each in self._registered()
            for subgroup in (None, *(str(name) for name in each.subGroupNames()))
        ]

    def icons(self) -> JsonObject:
        """Return the icon of each class."""
        return {
            str(cls.getName()): self._icon(plugin, cls)
            for plugin in self._registered()
            for cls in plugin.allClass()
        }

    def group_icons(self) -> JsonObject:
        """Return the icon of each group."""
        return {
            str(each.group()): {"name": str(each.group()), "icon": _text(each.icon("plugin-icon"))}
            for each in self._registered()
            if each.group() is not None
        }

    def icon(self, name: str) -> JsonObject:
        """Return the icon of a class."""
        plugin, cls = self._find(name)
        return self._icon(plugin, cls)

    def icon_image(self, name: str) -> bytes:
        """Return the icon of a class as an image."""
        encoded = self.icon(name).get("icon")
        if not isinstance(encoded, str):
            raise NotFound(f"plugin {name} has no icon")
        return base64.b64decode(encoded)

    def inputs(self) -> list[JsonObject]:
        """Return the types of inputs that a flow may have."""
        kinds = java("io.kestra.core.models.flows.Type").values()
        return [{"type": str(each.name()), "cls": str(each.cls().getName())} for each in kinds]

    def input_schema(self, name: str) -> JsonObject:
        """Return what a type of input takes."""
        kinds = {
            str(each.name()): each for each in java("io.kestra.core.models.flows.Type").values()
        }
        if name not in kinds:
            raise NotFound(f"input type {name} not found")
        documentation = java(_DOCS + "ClassInputDocumentation")
        with self._one_at_a_time:
            made = documentation.of(self._generator(), kinds[name].cls())
        return _documented(made)

    def schema(self, kind: str, *, is_array: bool = False) -> JsonObject:
        """Return the JSON schema of flows, tasks, triggers or dashboards."""
        with self._one_at_a_time:
            return to_object(self._schemas().getSchemaForType(_kind(kind), is_array))

    def properties(self, kind: str) -> JsonObject:
        """Return the properties that flows, tasks, triggers or dashboards take."""
        with self._one_at_a_time:
            return to_object(self._schemas().getPropertiesForType(_kind(kind)))

    def triggers(self) -> JsonObject:
        """Return the classes of triggers."""
        names = [str(cls.getName()) for each in self._registered() for cls in each.getTriggers()]
        return {"results": [{"type": name} for name in sorted(names)], "total": len(names)}

    def documentation(self, name: str, *, everything: bool = False) -> JsonObject:
        """Return what a class takes and gives, and its documentation."""
        plugin, cls = self._find(name)
        metadata = java("io.kestra.core.plugins.PluginClassAndMetadata")
        base = plugin.baseClass(name)
        documentation = java(_DOCS + "ClassPluginDocumentation")
        with self._one_at_a_time:
            described = metadata.create(plugin, cls, base, None)
            made = documentation.of(self._generator(), described, None, everything)
        return _documented(made)

    def versions(self, name: str) -> dict[str, str | list[str]]:
        """Return the versions of a class that are here: one."""
        plugin, _ = self._find(name)
        return {"type": name, "versions": [str(plugin.version() or "2.0.0")]}

    def require_version(self, name: str, version: str) -> None:
        """Refuse a version of a class that is not here."""
        if version not in (*self.versions(name)["versions"], "latest"):
            raise NotFound(f"plugin {name} {version} not found")

    def _registered(self) -> list[Java]:
        return list(self._of_class("io.kestra.core.plugins.PluginRegistry").plugins())

    def _find(self, name: str) -> tuple[Java, Java]:
        for plugin in self._registered():
            if plugin.hasClass(name):
                return plugin, plugin.findClass(name).get()
        raise NotFound(f"plugin {name} not found")

    def _shown(self, plugin: Java, subgroup: str | None) -> JsonObject:
        return to_object(java(_DOCS + "Plugin").of(plugin, subgroup))

    def _icon(self, plugin: Java, cls: Java) -> JsonObject:
        return {
            "name": str(cls.getSimpleName()),
            "icon": _text(plugin.icon(cls)),
            "flowable": bool(java(_FLOWABLE).class_.isAssignableFrom(cls)),
        }

    def _generator(self) -> Java:
        return self._of_class(_DOCS + "JsonSchemaGenerator")

    def _schemas(self) -> Java:
        return self._of_class(_DOCS + "JsonSchemaCache")


def _kind(name: str) -> Java:
    try:
        return java(_DOCS + "SchemaType").valueOf(name.upper())
    except JavaError as error:
        raise Invalid("type", f"unknown kind of schema {name!r}") from error


def _documented(made: Java) -> JsonObject:
    schema: JsonObject = {"properties": to_object(made.getPropertiesSchema())}
    if hasattr(made, "getOutputsSchema") and made.getOutputsSchema() is not None:
        schema["outputs"] = to_object(made.getOutputsSchema())
    if made.getDefs() is not None:
        schema["definitions"] = to_object(made.getDefs())
    generator = java(_DOCS + "DocumentationGenerator")
    return {"markdown": _text(generator.render(made)), "schema": schema}


def _text(value: Java) -> str | None:
    return None if value is None else str(value)

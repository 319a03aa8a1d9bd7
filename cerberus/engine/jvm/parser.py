"""The engine's own strict parser and validator, without an engine around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cerberus.engine.install import Installation
from cerberus.engine.jvm.machine import MachineOptions, start_machine
from cerberus.engine.kestra.beans import TENANT
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.training.aot import aot_cache, cache_flags
from cerberus.settings import EngineSettings, Paths

_SERVICES = "io.kestra.core.services."


class Parser:
    """Says of a flow's source what the engine would say; the Java machine runs already.

    It does what `FlowService.validate` does but for the look into the database.
    """

    def __init__(self, home: Path) -> None:
        context = _quiet_context(home)
        self._parsing = context.getBean(java(_SERVICES + "FlowParsingService"))
        model = "io.kestra.core.models.validations.ModelValidator"
        self._validator = context.getBean(java(model))

    def validate(self, source: str) -> list[JsonObject]:
        """Return one entry; it has `constraints` when the flow is broken."""
        try:
            flow = self._parsing.parseForValidation(self._parsing.parse(TENANT, source, True))
            self._validator.validate(flow)
        except JavaError as error:
            return [{"constraints": describe(error)}]
        return [{"namespace": str(flow.getNamespace()), "flow": str(flow.getId())}]


@contextmanager
def parser_alone(
    paths: Paths, settings: EngineSettings, installation: Installation
) -> Iterator[Parser]:
    """Start a Java machine for a parser; the process is good for nothing else afterwards."""
    cache = aot_cache(installation, settings.heap_megabytes)
    flags = cache_flags(cache) if cache.is_usable() else ()
    with TemporaryDirectory(prefix="cerberus-parser-") as home:
        start_machine(
            MachineOptions(
                installation,
                paths.root / "kestra",
                Path(home),
                settings.heap_megabytes,
                settings.timezone,
                flags,
            )
        )
        yield Parser(Path(home))


def _quiet_context(home: Path) -> Java:
    level = java("ch.qos.logback.classic.Level").WARN
    java("org.slf4j.LoggerFactory").getLogger("io.kestra").setLevel(level)
    builder = java("io.micronaut.context.ApplicationContext").builder().environments("cli")
    # nothing is written there; the configuration is only complete with it
    java("java.lang.System").setProperty("cerberus.home", str(home))
    context = java("io.cerberus.kestra.QuietContext")(builder)
    context.start()
    # plugins are found through it
    kestra = java("io.kestra.core.contexts.KestraContext")
    kestra.setContext(context.getBean(kestra))
    return context

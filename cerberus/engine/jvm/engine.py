"""One running Kestra engine: context, services, start and stop."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from cerberus.engine.care.compact import close_compacted
from cerberus.engine.jvm.services import Services
from cerberus.engine.kestra.inheritance import Inheritance
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.secrets import Vault

#: closing the context may hang on a channel; nothing that matters is written by then
CONTEXT_CLOSE_SECONDS = 5.0
#: what is told of the Java machine itself
_MACHINE_METRICS = (
    "JvmMemoryMetrics",
    "JvmGcMetrics",
    "JvmThreadMetrics",
    "ClassLoaderMetrics",
    "JvmThreadDeadlockMetrics",
)

_log = logging.getLogger(__name__)


class Engine:
    """A Kestra engine inside this process; the Java machine runs already.

    Construction starts it and returns when all services run; `stop` ends it for good.
    `before_services` is called when everything can be read and sent, and nothing moves yet.
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        *,
        vault: Vault,
        worker_threads: int,
        grace_seconds: float,
        before_services: "Callable[[Engine], None]" = lambda _: None,
    ) -> None:
        # before anything is logged
        java("io.cerberus.kestra.Redactor").know(list(vault.hidden))
        self.context = _start_context(properties)
        _bind_machine_metrics(self.context)
        # AbstractWorker waits for its tasks with Awaitility's default, 10 s, whatever the grace is
        longest = java("java.time.Duration").ofSeconds(round(grace_seconds) + 60)
        java("org.awaitility.Awaitility").setDefaultTimeout(longest)
        java("io.cerberus.kestra.Environment").forgetOthers()
        self._secret_service = self.bean("io.kestra.core.secret.SecretService")
        vault.connect(self._use_secrets)
        self.inherited = Inheritance.read(self.context)
        java("io.cerberus.kestra.Iterations").holdNoSlot(self.context)
        before_services(self)
        self.services = Services(self.context)
        self.services.start(worker_threads)

    def bean(self, name: str) -> Java:
        """Return the context's bean of a class."""
        return self.context.getBean(java(name))

    def named_bean(self, class_name: str, name: str) -> Java:
        """Return the bean of a class that has a name."""
        qualifiers = java("io.micronaut.inject.qualifiers.Qualifiers")
        return self.context.getBean(java(class_name), qualifiers.byName(name))

    def queue(self, kind: str, event: str) -> Java:
        """Return the queue of a kind that carries a class of events."""
        argument = java("io.micronaut.core.type.Argument")
        return self.context.getBean(argument.of(java(kind), java(event)))

    def stop(self) -> None:
        """Stop services in order, then close the context and with it the database."""
        began = monotonic()
        self.services.stop()
        try:
            close_compacted(self.context)
        except JavaError as error:
            _log.warning("the database was not compacted: %s", error)
        closing = threading.Thread(target=self.context.close, daemon=True)
        closing.start()
        closing.join(CONTEXT_CLOSE_SECONDS)
        if closing.is_alive():
            _log.warning("the context did not close within %s s", CONTEXT_CLOSE_SECONDS)
        _log.info("engine stopped seconds=%.2f", monotonic() - began)

    def _use_secrets(self, secrets: Mapping[str, str], hidden: Sequence[str]) -> None:
        # hidden first: a flow may log a value as soon as it can name it
        java("io.cerberus.kestra.Redactor").know(list(hidden))
        values = java("java.util.HashMap")()
        for name, value in secrets.items():
            values.put(name, value)
        java("io.cerberus.kestra.Secrets").replace(self._secret_service, values)


def _start_context(properties: Mapping[str, str]) -> Java:
    values = java("java.util.HashMap")()
    for name, value in properties.items():
        values.put(name, value)
    builder = java("io.micronaut.context.ApplicationContext").builder()
    context = builder.environments("cli").properties(values).build()
    java("io.cerberus.kestra.RedactingLogs").install(context)
    return context.start()


def _bind_machine_metrics(context: Java) -> None:
    registry = context.getBean(java("io.micrometer.core.instrument.MeterRegistry"))
    for name in _MACHINE_METRICS:
        java(f"io.micrometer.core.instrument.binder.jvm.{name}")().bindTo(registry)

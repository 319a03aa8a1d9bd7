"""Webhooks: the key is the only credential, and nothing but the right key learns anything."""

import hmac
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.java import Java, JavaError, array_list, instance_of, java, seconds
from cerberus.engine.kestra.json_text import to_text
from cerberus.engine.kestra.webhook_bodies import BodyReader, WebhookBody
from cerberus.errors import NotFound

LONGEST_WAIT_SECONDS = 3600.0

#: one text for every call without the right key
NOT_FOUND = "Webhook not found"

_TRIGGER = "io.kestra.plugin.core.trigger.AbstractWebhookTrigger"
_PATH_TRIGGER = "io.cerberus.kestra.PathWebhook"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """A request as it came in; `url` holds the query, `path` what follows the key."""

    namespace: str
    flow_id: str
    key: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: WebhookBody
    path: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """Status and JSON text to answer with."""

    status: int
    body: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A trigger to which the caller had the key."""

    flow: Java
    trigger: Java

    @property
    def waits(self) -> bool:
        """Tell whether the answer comes only when the execution has ended."""
        return bool(getattr(self.trigger, "getWait", lambda: False)())


class Webhooks:
    """The webhook triggers of all flows."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def find(self, namespace: str, flow_id: str, key: str) -> Webhook:
        """Return the trigger that has this key.

        Raises
        ------
        NotFound
            No flow, no trigger, a wrong key, or one that is switched off: all the same.
        """
        found = self._beans.flows.findByIdForExecutionWithoutAcl(TENANT, namespace, flow_id)
        match: Webhook | None = None
        for trigger in (found.get().getTriggers() or []) if found.isPresent() else []:
            # all keys are compared, each in constant time
            if instance_of(trigger, _TRIGGER) and self._has_key(found.get(), trigger, key):
                match = Webhook(found.get(), trigger)
        if match is None or match.trigger.isDisabled() or match.flow.isDisabled():
            raise NotFound(NOT_FOUND)
        return match

    def call(self, webhook: Webhook, call: WebhookCall) -> WebhookAnswer:
        """Evaluate the trigger; the calling thread waits if the trigger does."""
        execution_id = str(java("io.kestra.core.utils.IdUtils").create())
        reader = BodyReader(self._beans, webhook.flow, webhook.trigger, execution_id)
        context = java("io.kestra.plugin.core.trigger.WebhookContext").builder()
        path = call.path
        if path is not None and instance_of(webhook.trigger, _PATH_TRIGGER):
            # Kestra's own evaluation refuses any path: the flow gets it as a parameter
            call, path = _with_path_as_parameter(call, path), None
        context = context.request(_request(call, reader)).path(path)
        context = context.storedBodyUri(reader.stored(call.body))
        context = context.flow(webhook.flow).trigger(webhook.trigger)
        context = context.webhookService(self._beans.webhooks)
        context = context.executionId(execution_id).build()
        answer = webhook.trigger.evaluate(context).block(seconds(LONGEST_WAIT_SECONDS))
        body = answer.getBody()
        return WebhookAnswer(
            int(answer.getStatus().getCode()), None if body is None else to_text(body)
        )

    def _has_key(self, flow: Java, trigger: Java, key: str) -> bool:
        try:
            rendered = str(self._beans.webhooks.runContext(flow, trigger).render(trigger.getKey()))
        except JavaError as error:
            # a secret that is missing: the webhook is closed, and the operator reads why
            _log.warning("webhook key of %s.%s: %s", flow.getId(), trigger.getId(), describe(error))
            return False
        return hmac.compare_digest(rendered.encode(), key.encode(errors="surrogateescape"))


def _request(call: WebhookCall, reader: BodyReader) -> Java:
    requests = java("io.kestra.core.http.HttpRequest")
    uri = java("java.net.URI").create(call.url)
    return requests.of(uri, call.method, reader.read(call.body), _headers(call.headers))


def _with_path_as_parameter(call: WebhookCall, path: str) -> WebhookCall:
    url = urlsplit(call.url)
    # in front: a caller's own parameter of this name comes second
    query = "&".join(filter(None, (urlencode({"path": path}, quote_via=quote), url.query)))
    # the engine takes a URL that ends with a slash for one with an empty path
    return replace(call, url=url._replace(path=url.path.rstrip("/"), query=query).geturl())


def _headers(pairs: Iterable[tuple[str, str]]) -> Java:
    collected: dict[str, list[Java]] = {}
    for name, value in pairs:
        collected.setdefault(name, []).append(value)
    headers = java("java.util.HashMap")()
    for name, values in collected.items():
        headers.put(name, array_list(values))
    return headers

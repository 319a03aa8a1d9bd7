package io.cerberus.kestra;

import io.kestra.core.models.annotations.Plugin;
import io.kestra.plugin.core.trigger.Webhook;

/**
 * A webhook that may be called below its own path, where Kestra's own answers 404.
 *
 * <p>What follows the key in the URL is the flow's {@code trigger.parameters.path[0]}.
 */
@Plugin
public class PathWebhook extends Webhook {}

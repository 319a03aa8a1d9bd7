package io.cerberus.kestra;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Writes the engine's own log lines, stack traces included, without secrets. */
public class RedactingEncoder extends PatternLayoutEncoder {
    @Override
    public byte[] encode(ILoggingEvent event) {
        return Redactor.redact(super.encode(event));
    }
}

package io.cerberus.kestra;

import io.kestra.core.models.executions.LogEntry;
import io.kestra.core.runners.DefaultLogEntryEmitter;
import io.kestra.core.runners.LogEntryEmitter;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Takes secrets out of the log lines of executions before they reach a queue, a store or a reader. */
public final class RedactingLogs implements LogEntryEmitter {
    private final ApplicationContext context;

    private RedactingLogs(ApplicationContext context) {
        this.context = context;
    }

    /** Puts itself in front of the engine's own way for log lines; call it before the context starts. */
    public static void install(ApplicationContext context) {
        context.registerSingleton(LogEntryEmitter.class, new RedactingLogs(context));
    }

    @Override
    public CompletionStage<Void> emits(LogEntry entry) {
        return inner().emits(clean(entry));
    }

    @Override
    public CompletionStage<Void> emits(List<LogEntry> entries) {
        return inner().emits(entries.stream().map(RedactingLogs::clean).toList());
    }

    private LogEntryEmitter inner() {
        return context.getBean(DefaultLogEntryEmitter.class);
    }

    private static LogEntry clean(LogEntry entry) {
        String message = Redactor.redact(entry.getMessage());
        return message == entry.getMessage() ? entry : entry.toBuilder().message(message).build();
    }
}

package io.cerberus.kestra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kestra.core.models.QueryFilter;
import io.kestra.core.runners.FollowLogEvent;
import io.kestra.core.services.FollowLogEventMatcher;
import io.kestra.core.services.LogStreamingService;
import io.micronaut.http.sse.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;

/**
 * Brings the events of any number of streams to one reader, so that no open stream holds a thread.
 *
 * <p>Whoever publishes an event also writes it as JSON; the reader only passes texts on.
 */
public final class Streams {
    private static final int AT_ONCE = 500;

    /** One event of a stream; the last of a stream carries no text. */
    public record Item(long stream, String id, String text, boolean isLast) {}

    private final ObjectMapper mapper;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final Map<Long, Disposable> open = new ConcurrentHashMap<>();

    public Streams(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /** Lets the log stream, whose own matcher is part of Kestra's web server, pass every line. */
    public static FollowLogEventMatcher everyLine() {
        return (event, filters) -> true;
    }

    /** Begins to collect the events of a stream. */
    public void follow(long stream, Flux<? extends Event<?>> events) {
        // known before the first event, which may already be the last
        Disposable.Swap subscription = Disposables.swap();
        open.put(stream, subscription);
        subscription.update(events.subscribe(
            event -> items.add(new Item(stream, event.getId(), text(event.getData()), false)),
            error -> end(stream),
            () -> end(stream)
        ));
    }

    /** Begins to collect the log lines of an execution; such a stream has no end of its own. */
    public void followLogs(long stream, LogStreamingService service, String executionId) {
        String subscriber = UUID.randomUUID().toString();
        List<QueryFilter> every = new ArrayList<>();
        follow(stream, Flux.<Event<FollowLogEvent>>create(
            sink -> service.registerSubscriber(executionId, subscriber, sink, every)
        ).doFinally(signal -> service.unregisterSubscriber(executionId, subscriber)));
    }

    /** Collects no more of a stream. */
    public void close(long stream) {
        Disposable subscription = open.remove(stream);
        if (subscription != null) {
            subscription.dispose();
        }
    }

    /** Returns how many streams are followed. */
    public int size() {
        return open.size();
    }

    /** Returns what has come, waiting for the first event if there is none. */
    public List<Item> take(long milliseconds) throws InterruptedException {
        List<Item> taken = new ArrayList<>();
        Item first = items.poll(milliseconds, TimeUnit.MILLISECONDS);
        if (first != null) {
            taken.add(first);
            items.drainTo(taken, AT_ONCE);
        }
        return taken;
    }

    private void end(long stream) {
        open.remove(stream);
        items.add(new Item(stream, null, null, true));
    }

    private String text(Object data) {
        try {
            return mapper.writeValueAsString(data);
        } catch (JsonProcessingException error) {
            throw new IllegalStateException(error);
        }
    }
}

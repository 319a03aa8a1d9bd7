package io.cerberus.kestra;

import io.micronaut.context.ApplicationContextConfiguration;
import io.micronaut.context.DefaultApplicationContext;
import java.util.List;

/** A context that makes a bean only when it is asked for: no database, no services, no threads. */
public final class QuietContext extends DefaultApplicationContext {
    public QuietContext(ApplicationContextConfiguration configuration) {
        super(configuration);
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // the element type is visible to Micronaut only
    protected void initializeContext(List contextScoped, List eager, List parallel) {
        // what would be made here is what starts an engine
    }
}

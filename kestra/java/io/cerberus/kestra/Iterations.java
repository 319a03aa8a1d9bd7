package io.cerberus.kestra;

import io.kestra.core.metrics.MetricRegistry;
import io.kestra.core.models.executions.Execution;
import io.kestra.core.models.executions.ExecutionKind;
import io.kestra.core.models.flows.FlowWithSource;
import io.kestra.core.runners.ExecutionQueuedStateStore;
import io.kestra.core.runners.FlowMetaStoreInterface;
import io.kestra.core.services.ConcurrencyLimitResolver;
import io.kestra.executor.ConcurrencyLimitStateStore;
import io.kestra.executor.ConcurrencySlotReleaseProcessor;
import io.kestra.executor.DefaultExecutor;
import io.kestra.executor.ExecutorContext;
import io.kestra.executor.handler.ExecutionEventMessageHandler;
import io.micronaut.context.ApplicationContext;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;

/**
 * Keeps the iterations of a Loop out of their flow's concurrency limit.
 *
 * <p>Each is an execution of the same flow. Kestra 2.0 lets it wait for a slot like any other, which a flow whose first task
 * is a Loop never gets; and lets its end give a slot back that its parent has and goes on to use.
 */
public final class Iterations {
    private Iterations() {}

    /** Changes the executor of this context; call it before the executor starts. */
    public static void holdNoSlot(ApplicationContext context) throws ReflectiveOperationException {
        set(
            DefaultExecutor.class,
            context.getBean(DefaultExecutor.class),
            "concurrencySlotReleaseProcessor",
            new Release(context));
        set(
            ExecutionEventMessageHandler.class,
            context.getBean(ExecutionEventMessageHandler.class),
            "flowMetaStore",
            withoutLimits(context.getBean(FlowMetaStoreInterface.class)));
    }

    private static void set(Class<?> declaring, Object bean, String name, Object value)
        throws ReflectiveOperationException {
        Field field = declaring.getDeclaredField(name);
        field.setAccessible(true);
        field.set(bean, value);
    }

    private static FlowMetaStoreInterface withoutLimits(FlowMetaStoreInterface store) {
        return (FlowMetaStoreInterface)
            Proxy.newProxyInstance(
                Iterations.class.getClassLoader(),
                new Class<?>[] {FlowMetaStoreInterface.class},
                (proxy, method, arguments) -> {
                    Object found = call(store, method, arguments);
                    return isIteration(method, arguments)
                        ? ((Optional<?>) found).map(flow -> withoutLimit((FlowWithSource) flow))
                        : found;
                });
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }

    private static boolean isIteration(Method method, Object[] arguments) {
        return method.getName().equals("findByExecutionForRuntime")
            && ((Execution) arguments[0]).getKind() == ExecutionKind.LOOP;
    }

    private static FlowWithSource withoutLimit(FlowWithSource flow) {
        return flow.getConcurrency() == null ? flow : flow.toBuilder().concurrency(null).build();
    }

    private static final class Release extends ConcurrencySlotReleaseProcessor {
        Release(ApplicationContext context) {
            super(
                context.getBean(ConcurrencyLimitStateStore.class),
                context.getBean(ConcurrencyLimitResolver.class),
                context.getBean(ExecutionQueuedStateStore.class),
                context.getBean(FlowMetaStoreInterface.class),
                context.getBean(MetricRegistry.class));
        }

        @Override
        public Optional<Execution> release(ExecutorContext ended, boolean terminatedByThisCycle) {
            return ended.getExecution().getKind() == ExecutionKind.LOOP
                ? Optional.empty()
                : super.release(ended, terminatedByThisCycle);
        }
    }
}

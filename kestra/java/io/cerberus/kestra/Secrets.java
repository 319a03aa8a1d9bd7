package io.cerberus.kestra;

import io.kestra.core.secret.SecretService;
import java.lang.reflect.Field;
import java.util.Map;

/** Gives the engine its secrets while it runs; it reads them from its environment only once, at its start. */
public final class Secrets {
    private Secrets() {}

    /** Replaces all secrets in one step: a flow sees either the old ones or the new ones. */
    public static void replace(SecretService<?> service, Map<String, String> secrets)
        throws ReflectiveOperationException {
        Field field = SecretService.class.getDeclaredField("decodedSecrets");
        field.setAccessible(true);
        field.set(service, Map.copyOf(secrets));
    }
}

package io.cerberus.kestra;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Set;

/** Decides which variables of the engine's environment a process started by the engine may see. */
public final class Environment {
    private static final Set<String> FOR_TASKS =
        Set.of("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME", "VIRTUAL_ENV");

    private Environment() {}

    /** Tells whether a task may inherit the variable. */
    public static boolean isForTasks(String name) {
        return FOR_TASKS.contains(name);
    }

    /**
     * Removes every other variable from the map which each new process copies, whatever class starts it.
     *
     * <p>Call it once the engine has read its secrets. Needs --add-opens=java.base/java.lang=ALL-UNNAMED.
     */
    public static int forgetOthers() throws ReflectiveOperationException {
        Field field = Class.forName("java.lang.ProcessEnvironment").getDeclaredField("theEnvironment");
        field.setAccessible(true);
        Map<?, ?> environment = (Map<?, ?>) field.get(null);
        int before = environment.size();
        environment.keySet().removeIf(name -> !isForTasks(name.toString()));
        return before - environment.size();
    }
}

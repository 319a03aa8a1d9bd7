package io.cerberus.kestra;

import io.kestra.core.models.annotations.Plugin;
import io.kestra.core.models.property.Property;
import io.kestra.core.models.tasks.RunnableTask;
import io.kestra.core.runners.RunContext;
import io.kestra.plugin.core.runner.Process;
import io.kestra.plugin.scripts.exec.AbstractExecScript;
import io.kestra.plugin.scripts.exec.scripts.models.ScriptOutput;
import io.kestra.plugin.scripts.exec.scripts.runners.CommandsWrapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs commands where a flow names the official Python task, whose own jar is not to be had.
 *
 * <p>A child process starts with a copy of the engine's environment. What a task has no business to
 * see is removed again before its interpreter starts; only names stand on the command line. Then comes the guard,
 * which keeps the command and all its children within their limits and leaves nothing of them behind.
 */
@Plugin(aliases = {"io.kestra.plugin.scripts.python.Commands"})
public class PythonCommands extends AbstractExecScript implements RunnableTask<ScriptOutput> {
    private static volatile List<String> guard = List.of();
    private Property<List<String>> commands;
    private Property<String> containerImage;

    /** Names the words that stand in front of every command from now on. */
    public static void guardBy(List<String> words) {
        guard = List.copyOf(words);
    }

    public Property<List<String>> getCommands() {
        return commands;
    }

    public void setCommands(Property<List<String>> commands) {
        this.commands = commands;
    }

    @Override
    public Property<String> getContainerImage() {
        return containerImage;
    }

    public void setContainerImage(Property<String> containerImage) {
        this.containerImage = containerImage;
    }

    @Override
    public ScriptOutput run(RunContext runContext) throws Exception {
        CommandsWrapper wrapper = commands(runContext);
        if (getTaskRunner() instanceof Process) {
            List<String> shell = runContext.render(interpreter).asList(String.class);
            wrapper = wrapper.withInterpreter(Property.ofValue(withoutForeignNames(shell, wrapper.getEnv())));
        } else {
            wrapper = wrapper.withInterpreter(interpreter);
        }
        return wrapper
            .withBeforeCommands(beforeCommands)
            .withBeforeCommandsWithOptions(true)
            .withCommands(commands)
            .run();
    }

    private static List<String> withoutForeignNames(List<String> shell, Map<String, String> given) {
        List<String> words = new ArrayList<>();
        words.add("/usr/bin/env");
        for (String name : System.getenv().keySet()) {
            boolean isGiven = given != null && given.containsKey(name);
            if (!isGiven && !Environment.isForTasks(name)) {
                words.add("-u");
                words.add(name);
            }
        }
        words.addAll(guard);
        words.addAll(shell);
        return words;
    }
}

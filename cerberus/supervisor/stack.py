"""What a stack is made of; plain data, so that the watch process can read it without pydantic."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

#: variable that marks every process of a stack; its value is the stack's `var` folder
STACK_VARIABLE = "CERBERUS_STACK"
#: variable that names the process within its stack
PROCESS_VARIABLE = "CERBERUS_PROCESS"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a program listens on, and the setting that moves it."""

    number: int
    setting: str


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program.

    `ready_url` answers 2xx when the program can do its work, `live_url` as long as it is not stuck.
    A higher `priority` starts later and stops earlier. One that `restarts_on_request` ends with 0
    when it was asked to be started again.
    """

    name: str
    command: tuple[str, ...]
    priority: int
    ready_url: str
    live_url: str
    stop_seconds: int
    restarts_on_request: bool = False
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """When a process counts as silent, and when its restarts are too many."""

    probe_seconds: float = 5.0
    silent_seconds: float = 20.0
    ready_seconds: float = 180.0
    restart_limit: int = 5
    restart_window_seconds: float = 600.0
    stable_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Stack:
    """The programs of one stack, and the folders that it lives in."""

    root: Path
    var: Path
    programs: tuple[Program, ...]
    limits: Limits
    host: str = "127.0.0.1"
    engine_user: str = "admin@cerberus.local"

    @property
    def run(self) -> Path:
        """Folder of the pid file, the generated configuration and the control socket."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """Folder of all logs."""
        return self.var / "log"

    @property
    def state_file(self) -> Path:
        """File in which the watch process tells what it sees."""
        return self.var / "data" / "supervisor.json"

    @property
    def stack_file(self) -> Path:
        """File that hands this stack to the watch process."""
        return self.run / "stack.json"

    @property
    def pid_file(self) -> Path:
        """File that holds the pid of supervisord."""
        return self.run / "supervisord.pid"

    def log_of(self, name: str) -> Path:
        """Return the log file of one process."""
        return self.log / f"{name}.log"

    def in_stop_order(self) -> list[Program]:
        """Return the programs in the order in which they are stopped."""
        return sorted(self.programs, key=lambda program: -program.priority)


def save(stack: Stack) -> None:
    """Write the stack to its file."""
    stack.run.mkdir(parents=True, exist_ok=True)
    stack.stack_file.write_text(json.dumps(asdict(stack), default=str, indent=2))


def read(path: Path) -> Stack:
    """Read a stack that `save` wrote."""
    found = json.loads(path.read_text())
    programs = tuple(
        Program(
            **{
                **program,
                "command": tuple(program["command"]),
                "ports": tuple(Port(**port) for port in program["ports"]),
            }
        )
        for program in found["programs"]
    )
    return Stack(
        root=Path(found["root"]),
        var=Path(found["var"]),
        programs=programs,
        limits=Limits(**found["limits"]),
        host=found["host"],
        engine_user=found["engine_user"],
    )

"""What the watch process thinks and does; `listener` feeds it with supervisord's events.

It acts where supervisord cannot decide: on a process that lives but is silent, and on one that has
died too often. Everything it sees goes to `var/data/supervisor.json` and, as one line an event, to
its log.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cerberus.errors import Transient
from cerberus.supervisor import decisions
from cerberus.supervisor.control import Control, ProcessInfo
from cerberus.supervisor.decisions import Action, Health, Phase
from cerberus.supervisor.direct_line import DirectLine
from cerberus.supervisor.flow_files import FlowFiles, new_lines, now_broken
from cerberus.supervisor.probe import answers
from cerberus.supervisor.schedules import ScheduleWatchdog
from cerberus.supervisor.stack import Program, Stack
from cerberus.supervisor.state import State
from cerberus.supervisor.state import read as read_state
from cerberus.supervisor.state import write as write_state

#: how often to ask while a process is not ready yet
EAGER_SECONDS = 0.5
#: how supervisord tells an end without an error
DONE = "exit status 0"
ALIVE = {"STARTING", "RUNNING", "BACKOFF"}
ASKED = {Phase.STARTING, Phase.READY, Phase.SILENT}


class Watch:
    """Turns supervisord's events and the answers of health URLs into health and actions."""

    def __init__(
        self,
        stack: Stack,
        control: Control,
        now: Callable[[], datetime],
        ask: Callable[[str], bool] = answers,
        schedules: ScheduleWatchdog | None = None,
        flow_files: FlowFiles | None = None,
        direct_line: DirectLine | None = None,
    ) -> None:
        self._stack = stack
        self._control = control
        self._now = now
        self._ask = ask
        self._schedules = schedules
        self._flow_files = flow_files
        self._direct_line = direct_line
        self._state = _first_state(stack, now())

    @property
    def state(self) -> State:
        """What is known now."""
        return self._state

    @property
    def seconds_between_rounds(self) -> float:
        """How long to wait before asking for health again."""
        settled = {Phase.READY, Phase.STOPPED, Phase.GIVEN_UP}
        eager = any(item.phase not in settled for item in self._state.health.values())
        return EAGER_SECONDS if eager else self._stack.limits.probe_seconds

    def hear(self, event: str, name: str, from_state: str) -> None:
        """Take in one of supervisord's events."""
        health = self._state.health.get(name)
        if health is None:
            return
        now = self._now()
        match event.removeprefix("PROCESS_STATE_"):
            case "STARTING" if from_state in {"STOPPED", "FATAL"}:
                self._put(decisions.started_by_hand(health, now))
            case "BACKOFF" | "EXITED":
                self._put(self._ended(health, now))
            case "FATAL":
                self._put(decisions.gave_up(health, now))
            case "STOPPED":
                self._put(decisions.stopped(health, now))
        self._write()

    def look(self) -> None:
        """Ask every process for its health, and do what is to be done."""
        for info in self._control.processes():
            if info.name in self._state.health:
                self._notice(info)
        if self._direct_line:
            for health in self._state.health.values():
                given_up = health.phase is Phase.GIVEN_UP
                self._direct_line.look(health, self._now(), is_given_up=given_up)
        engine = self._state.health.get("engine")
        if engine and engine.phase is Phase.READY:
            self._look_into_engine()
        self._write()

    def _look_into_engine(self) -> None:
        if self._schedules:
            for finding in self._schedules.look(self._now()):
                self._tell("engine", finding.kind, finding.detail)
            stuck = self._schedules.unlocked(self._now())
            self._state = replace(self._state, stuck_schedules=stuck)
        if self._flow_files:
            before = self._state.broken_flow_files
            broken = now_broken(self._flow_files, before)
            self._state = replace(self._state, broken_flow_files=broken)
            for line in new_lines(broken, before):
                self._tell("engine", "flow_file_broken", line)

    def _notice(self, info: ProcessInfo) -> None:
        program = next(item for item in self._stack.programs if item.name == info.name)
        same = self._state.pids.get(info.name) == info.pid
        self._state = replace(self._state, pids={**self._state.pids, info.name: info.pid})
        health, now = self._state.health[info.name], self._now()
        if info.state in {"STARTING", "RUNNING"} and info.pid:
            self._put(decisions.seen_alive(health, now, same=same))
        elif info.state == "FATAL":
            # its event is lost when this process was restarting at that moment
            self._put(decisions.gave_up(health, now))
        self._probe(program)
        if info.state in ALIVE:
            self._act(program)

    def _probe(self, program: Program) -> None:
        health = self._state.health[program.name]
        if health.phase in ASKED:
            url = program.ready_url if health.phase is Phase.STARTING else program.live_url
            answered = self._ask(url)
            limits = self._stack.limits
            self._put(decisions.probed(health, self._now(), answered=answered, limits=limits))

    def _act(self, program: Program) -> None:
        health, now = self._state.health[program.name], self._now()
        match decisions.action_for(health, now, self._stack.limits, program.stop_seconds):
            case Action.STOP:
                self._control.stop(program.name)
            case Action.TERMINATE:
                self._tell(program.name, "terminated", "it does not answer")
                self._put(decisions.terminated(health, now))
                self._control.signal(program.name, "TERM")
            case Action.KILL:
                self._tell(program.name, "killed", "it neither answers nor ends")
                self._control.signal(program.name, "KILL")

    def _ended(self, health: Health, now: datetime) -> Health:
        reason, limits = self._reason(health.name), self._stack.limits
        program = next(item for item in self._stack.programs if item.name == health.name)
        if program.restarts_on_request and reason == DONE and health.terminated_at is None:
            return decisions.ended_to_restart(health, now, reason)
        return decisions.died(health, now, reason, limits)

    def _reason(self, name: str) -> str:
        try:
            return death_reason(self._control.log_tail(), name)
        except Transient as error:
            return f"ended for an unknown reason ({error})"

    def _put(self, health: Health) -> None:
        before = self._state.health[health.name]
        self._state = replace(self._state, health={**self._state.health, health.name: health})
        if health.phase is before.phase and health.deaths == before.deaths:
            return
        detail = ""
        if health.phase in {Phase.RESTARTING, Phase.GIVEN_UP}:
            limits = self._stack.limits
            count = health.restarts(self._now(), limits)
            detail = f"{health.last_reason}; death {count}, limit {limits.restart_limit}"
            if health.deaths == before.deaths and health.phase is Phase.RESTARTING:
                detail = health.last_reason
        elif health.phase is Phase.READY:
            detail = f"after {(health.since - before.since).total_seconds():.1f} s"
        self._tell(health.name, health.phase.value, detail)

    def _tell(self, process: str, kind: str, detail: str) -> None:
        now = self._now()
        self._state = self._state.with_event(now, process, kind, detail)
        pid = self._state.pids.get(process, 0)
        line = f"{now.isoformat(timespec='milliseconds')} event={kind} process={process} pid={pid}"
        print(f'{line} detail="{detail}"', file=sys.stderr, flush=True)

    def _write(self) -> None:
        self._state = replace(self._state, updated_at=self._now())
        write_state(self._stack.state_file, self._state, self._stack.limits)


def death_reason(log: str, name: str) -> str:
    """Return why a process ended last, in the words of supervisord's log."""
    pattern = rf"exited: {re.escape(name)} \((.*?)(?:; (?:not )?expected)?\)$"
    found = re.findall(pattern, log, re.MULTILINE)
    found = found or re.findall(r"spawnerr: (.*)$", log, re.MULTILINE)
    return str(found[-1]) if found else "ended for an unknown reason"


def _first_state(stack: Stack, now: datetime) -> State:
    fresh = {
        program.name: Health(program.name, Phase.STARTING, since=now, answered_at=now)
        for program in stack.programs
    }
    # a watch that was restarted itself goes on from what it wrote
    before = read_state(stack.state_file)
    if before is None:
        return State(updated_at=now, health=fresh)
    known = {name: item for name, item in before.health.items() if name in fresh}
    return replace(before, health={**fresh, **known})

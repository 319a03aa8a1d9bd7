"""Are the ports of a stack free, and if not, who has them."""

import socket

import psutil

from cerberus.errors import Misconfigured
from cerberus.supervisor.stack import Port, Stack


def require_free_ports(stack: Stack) -> None:
    """Refuse to start while another process listens where ours should.

    Raises
    ------
    Misconfigured
        The message names each port, its owner and the setting that moves it.
    """
    problems = [
        f"port {port.number} for the {program.name} is in use{_owner(port)}: "
        f"end that process or set {port.setting} to another port"
        for program in stack.programs
        for port in program.ports
        if not _is_free(stack.host, port.number)
    ]
    if problems:
        raise Misconfigured("\n".join(problems))


def _is_free(host: str, number: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        # a connection that is still closing is no obstacle, a listener is
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except OSError:
            return False
        return True


def _owner(port: Port) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        if connection.laddr.port == port.number and connection.pid:
            return f" by {_name(connection.pid)} (pid {connection.pid})"
    return ""


def _name(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())[:80]
    except psutil.Error:
        return "a process"

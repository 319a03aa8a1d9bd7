"""Flow files of the repository, brought into the engine and followed while it runs."""

from cerberus.engine.flow_files.folder import FlowFolder
from cerberus.engine.flow_files.watch import FlowWatch

__all__ = ["FlowFolder", "FlowWatch"]

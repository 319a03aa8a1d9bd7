"""Notice that flow files changed.

The folder is looked at, not listened to: kernel notices are lost on network and bind mounts, where
containers have their flows, and twenty `stat` calls a look cost a thousandth of a core.
"""

import logging

from cerberus.engine.flow_files.folder import FlowFolder
from cerberus.engine.flow_files.sources import signatures

_log = logging.getLogger(__name__)


class FlowWatch:
    """Looks at a folder; a change counts once two looks have seen the same.

    So a file that is being written is never read half.
    """

    def __init__(self, folder: FlowFolder) -> None:
        self._folder = folder
        self._done = self._seen = signatures(folder.folder)

    def load(self) -> None:
        """Bring in every file."""
        self._folder.load()

    def look(self) -> None:
        """Look once."""
        seen = signatures(self._folder.folder)
        was, self._seen = self._seen, seen
        if seen is None:
            if was is not None:
                # an unmounted volume is no wish to stop trading
                _log.error("the folder of flows is gone; its flows stay as they are")
            return
        done = self._done or {}
        if seen == done or seen != was:
            return
        changed = {name for name, found in seen.items() if done.get(name) != found}
        self._folder.refresh(changed, done.keys() - seen.keys())
        self._done = seen

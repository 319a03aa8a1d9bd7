"""What the engine is made of: fetched by the lock, verified, compiled, shared by clones."""

from cerberus.engine.install.install import Installation, install, require_installed

__all__ = ["Installation", "install", "require_installed"]

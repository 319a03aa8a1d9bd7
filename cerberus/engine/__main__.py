"""Kestra's engine and REST API in one process."""

import argparse
import logging
import os
import sys
from pathlib import Path

from cerberus.engine.install import install
from cerberus.engine.install.install import lock_file
from cerberus.engine.jvm.environment import replace_process_if_unclean
from cerberus.errors import CerberusError, Misconfigured
from cerberus.settings import EngineSettings, Paths, load


def main(arguments: list[str]) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cerberus.engine", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="run the engine until SIGTERM (the default)")
    commands.add_parser("install", help="fetch, verify and compile what is missing")
    commands.add_parser("relock", help="write kestra/engine.lock anew from its coordinates")
    checking = commands.add_parser("validate", help="check flow files, without an engine")
    checking.add_argument("paths", type=Path, nargs="*")
    restoring = commands.add_parser("restore", help="put a backup in the place of the state")
    restoring.add_argument("file", type=Path)
    training = commands.add_parser("train", help="write an ahead-of-time cache")
    training.add_argument("output", type=Path)
    training.add_argument("digest", help="of the installation that the cache is for")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except CerberusError as error:
        print(f"engine: {error}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "install":
            done = install(load(Paths), load(EngineSettings))
            print(f"{len(done.class_path)} jars in {done.cache}")
        case "relock":
            # heavy: not for the other commands
            from rich.console import Console

            from cerberus.engine.install.relock import relock

            path = lock_file(load(Paths))
            print(f"{relock(path, Console(stderr=True))} jars in {path}")
        case "train":
            _train(chosen.output, chosen.digest)
        case "restore":
            _restore(chosen.file.resolve())
        case "validate":
            return _validate(chosen.paths)
        case _:
            _serve()
    return 0


def _serve() -> None:
    installation = install(load(Paths), load(EngineSettings))
    # after the install, which may need variables of the network
    replace_process_if_unclean("cerberus.engine", ["serve"])
    from cerberus.engine.course import serve_until_signal  # heavy: not for the other commands

    serve_until_signal(installation)


def _restore(file: Path) -> None:
    from cerberus.engine.care.restore import restore  # heavy: not for the other commands

    former = restore(file, load(Paths).under_var("kestra").resolve())
    print(f"restored {file.name}; the former state lies in {former}")


def _validate(paths: list[Path]) -> int:
    own, settings = load(Paths), load(EngineSettings)
    installation = install(own, settings)
    # heavy: not for the other commands
    from cerberus.engine.flow_files.validate import check_files, files_of
    from cerberus.engine.jvm.parser import parser_alone

    files = files_of(paths or [own.root / settings.flows])
    with parser_alone(own, settings, installation) as parser:
        verdict = check_files(files, parser.validate)
    for problem in verdict.problems:
        print(problem)
    print(f"{verdict.flows} flows in {verdict.files} files, {len(verdict.problems)} problems")
    return 1 if verdict.problems else 0


def _train(output: Path, digest: str) -> None:
    installation = install(load(Paths), load(EngineSettings))
    if installation.digest != digest:
        # a machine would refuse the cache without a word
        raise Misconfigured("the jars or our classes have changed since the engine started")
    from cerberus.engine.course import train_cache  # heavy: not for the other commands

    train_cache(installation, output)


if __name__ == "__main__":
    code = 1
    try:
        code = main(sys.argv[1:])
    except Exception:  # the edge of the process: whatever it was, it is logged and ends it
        logging.getLogger("cerberus.engine").exception("the engine failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # a start that failed leaves threads of the Java machine which would keep the process
        os._exit(code)

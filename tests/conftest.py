"""Options and fixtures that all tests share."""

import pytest
from hypothesis import HealthCheck, settings

#: a loaded machine is no failure; the same examples each time, new ones with --long
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("seeded", _PATIENT, derandomize=True, database=None)
settings.register_profile("seeking", _PATIENT, max_examples=500, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("seeking" if config.getoption("--long") else "seeded")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long versions of tests too")
    parser.addoption(
        "--sweep", action="store_true", help="every fault at every point, not a sample"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="a long version; run with --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Say whether the long version was asked for, for tests that scale."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def is_swept(request: pytest.FixtureRequest) -> bool:
    """Say whether the whole fault sweep was asked for."""
    return bool(request.config.getoption("--sweep"))

"""Tests of one group run in one process; a version of pytest once dropped that without a word."""

import os

import pytest


@pytest.mark.xdist_group("probe")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="not run in parallel")
def test_a_group_is_kept_together(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("run without --dist loadgroup")

    assert request.node.nodeid.endswith("@probe")

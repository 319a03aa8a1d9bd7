"""`/docs` needs no other host: nobody reads the routes of a trading desk through a stranger."""

import http.client
import re

import pytest

from tests.api_process import ApiProcess
from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_the_page_and_all_it_loads_come_from_the_api_itself(api_pair: Pair) -> None:
    status, headers, page = _get(api_pair.api, "/docs")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "//" not in re.sub(r"<!doctype.*?>", "", page)
    assert "'unsafe" not in headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(linked) == 5
    for link in linked:
        status, headers, content = _get(api_pair.api, f"/{link}")
        assert (status, bool(content)) == (200, True), link
        assert headers.get("x-content-type-options") == "nosniff" or link == "openapi.json"
    script = _get(api_pair.api, "/docs/start.js")[2]
    assert "http" not in script
    assert 'url: "openapi.json"' in script


def test_nothing_else_of_the_package_is_served(api_pair: Pair) -> None:
    for name in ("redoc.standalone.js", "core.py", "..%2Fcore.py", "%2e%2e"):
        assert _get(api_pair.api, f"/docs/{name}")[0] == 404
    assert _get(api_pair.api, "/redoc")[0] == 404


def _get(api: ApiProcess, path: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read().decode("utf-8", "replace")
    finally:
        connection.close()

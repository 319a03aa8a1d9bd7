"""Every method of the installed official client, and what `docs/kestra-api.md` says of it.

python -m tests.kestrapy_table    # writes the table anew into the page
"""

import ast
import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "kestra-api.md"
TESTS = ROOT / "tests" / "integration" / "engine"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"

WORKS, DIFFERS, NOT_SERVED = "works", "differs", "not served"
#: groups of the Enterprise edition, and of the web server's own features
ENTERPRISE = [
    "ai",
    "apps",
    "assets",
    "auditlogs",
    "banners",
    "bindings",
    "blueprints",
    "case_templates",
    "cases",
    "credentials",
    "groups",
    "instance",
    "invitations",
    "kill_switches",
    "mcp",
    "mcp_servers",
    "me",
    "notifications",
    "policies",
    "promotion_targets",
    "quotas",
    "reusable_inputs",
    "roles",
    "security_integrations",
    "service_account",
    "tenant_access",
    "tenants",
    "test_suites",
    "users",
    "worker_groups",
    "worker_queues",
]
_EE = "Enterprise"
_NO_INSTALL = "plugins are those of `kestra/engine.lock`"
_SUB_PATH = "by triggers `io.cerberus.kestra.PathWebhook`; Kestra's own answer 404, as there"
#: what is to be known of methods that work
NOTES = {
    "executions.trigger_execution_by_get_webhook_with_path": _SUB_PATH,
    "executions.trigger_execution_by_post_webhook_with_path": _SUB_PATH,
    "executions.trigger_execution_by_put_webhook_with_path": _SUB_PATH,
    "flows.replace_line_by_source_code": "its answer is not published: it is the flow with source",
    "namespaces.list_secrets": "names only; all belong to every namespace",
}
#: what does not work, and why
REASONS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "flows.preview_policies",
            "flows.flow_hashes_by_ids",
            "flows.promote",
            "flows.promote_by_ids",
            "flows.report_promote",
            "flows.list_promotions",
            "flows.promote_diff",
            "misc.auths",
            "misc.setup_configuration",
            "misc.setup_kestra",
            "misc.license_info",
            "misc.refresh_license",
            "misc.worker_selector_tags",
            "misc.generate_reports",
            "namespaces.create_namespace",
            "namespaces.update_namespace",
            "namespaces.delete_namespace",
            "namespaces.put_secrets",
            "namespaces.patch_secret",
            "namespaces.delete_secret",
            "namespaces.inherited_variables",
            "namespaces.list_namespace_credentials",
            "namespaces.create_namespace_credential",
            "namespaces.get_inherited_credentials",
            "namespaces.namespace_credential",
            "namespaces.update_namespace_credential",
            "namespaces.delete_namespace_credential",
            "namespaces.test_namespace_connection",
        ),
        (NOT_SERVED, _EE),
    ),
    **dict.fromkeys(
        (
            "plugins.install_plugins",
            "plugins.plugin_install_job",
            "plugins.detect_missing_plugins",
            "plugins.plugin_ui",
            "plugins.plugin_ui_manifest",
        ),
        (NOT_SERVED, _NO_INSTALL),
    ),
    "misc.create_basic_auth": (DIFFERS, "409: the credentials are `var/secrets/kestra_password`"),
}


def methods() -> list[str]:
    """Return `group.method` for each public method of the installed client."""
    spec = importlib.util.find_spec("kestrapy")
    assert spec is not None
    assert spec.origin is not None
    found = []
    for file in sorted(Path(spec.origin).parent.joinpath("api").glob("*_api.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                names = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
                group = file.stem.removesuffix("_api")
                found += [f"{group}.{name}" for name in names if not name.startswith("_")]
    return sorted(found)


def called() -> set[str]:
    """Return the methods which tests name; each such test fails if it did not call them."""
    found: set[str] = set()
    for file in TESTS.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.kestrapy":
                found |= {ast.literal_eval(each) for each in node.args}
    return found


def verdict(method: str, tested: set[str]) -> tuple[str, str]:
    """Return what is to be said of a method."""
    if method in tested:
        return WORKS, NOTES.get(method, "")
    if method.partition(".")[0] in ENTERPRISE:
        return NOT_SERVED, _EE
    return REASONS[method]


def table() -> str:
    """Return the table, with the count above it."""
    tested = called()
    rows = {method: verdict(method, tested) for method in methods()}
    served = [each for each in rows if each.partition(".")[0] not in ENTERPRISE]
    works = [each for each in rows if rows[each][0] == WORKS]
    lines = [
        f"kestrapy has {len(rows)} methods, {len(served)} of them in groups that are served here.",
        f"{len(works)} of these work: a test calls each, and its answer parses.",
        "",
        "| method | | |",
        "| --- | --- | --- |",
        *(f"| `{each}` | {rows[each][0]} | {rows[each][1]} |" for each in served),
    ]
    others = ", ".join(f"`{group}`" for group in ENTERPRISE)
    why = "Enterprise but for `ai`, `blueprints` and `mcp`, which need services outside"
    tail = f"Groups of which nothing is served, {why}: {others}."
    return "\n".join([*lines, "", tail])


def with_table(page: str) -> str:
    """Return the page with the table as it is to be."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", page)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))

from pathlib import Path

from tests.areas import ROOT, areas
from tests.mutation.workshop import build, with_bare_properties

SOURCE = '''
class Order:
    """Keeps its text."""

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        return (
            self.is_filled
        )

    @property
    def is_filled(self) -> bool:
        return True

    @staticmethod
    def new() -> "Order":
        return Order()
'''


def test_every_property_becomes_a_method_that_can_be_spoiled_and_reads_as_before() -> None:
    bare = with_bare_properties(SOURCE)
    assert "@property" not in bare
    assert "@staticmethod" in bare
    space: dict[str, type] = {}
    exec(bare, space)  # noqa: S102 - our own text
    order = space["Order"]()
    assert (order.is_over, order.of_is_over(), order.is_filled) == (True, True, True)


def test_every_area_has_files_that_exist_and_unit_tests_of_its_domain(tmp_path: Path) -> None:
    for name, files in areas().items():
        assert [file for file in files if not (ROOT / file).is_file()] == []
        in_domain = [file for file in files if file.startswith("cerberus/domain/")]
        assert in_domain, name
        build(tmp_path / name, in_domain)
        settings = (tmp_path / name / "pyproject.toml").read_text()
        assert '"tests/unit/domain/test_' in settings

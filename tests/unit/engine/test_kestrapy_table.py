"""The table of the official client's methods says what is."""

from tests.kestrapy_table import (
    DIFFERS,
    ENTERPRISE,
    NOT_SERVED,
    PAGE,
    REASONS,
    called,
    methods,
    with_table,
)


def test_the_page_holds_the_table_of_the_installed_client() -> None:
    page = PAGE.read_text()
    assert page == with_table(page), "run: python -m tests.kestrapy_table"


def test_every_method_is_tested_or_its_absence_explained() -> None:
    known, tested = set(methods()), called()
    assert tested <= known
    assert set(REASONS) <= known
    assert not tested & set(REASONS)
    assert {status for status, _ in REASONS.values()} == {DIFFERS, NOT_SERVED}
    unknown = {
        each for each in known - tested - set(REASONS) if each.split(".")[0] not in ENTERPRISE
    }
    assert unknown == set()


def test_most_of_the_client_is_called() -> None:
    assert len(called()) >= 180

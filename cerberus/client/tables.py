"""Tables of text for logs."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def aligned(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[str] = ()
) -> str:
    """Return lines of text with aligned columns, the headings first; figures may stand right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    places = [str.rjust if name in right else str.ljust for name in headings]
    return "\n".join(
        "  ".join(
            place(cell, width) for place, cell, width in zip(places, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.engine.secrets.forms import forms_of

VALUE = "Pa55 w&rd/+\"é'x~Z"
FORMS = [form.lower() for form in forms_of([VALUE])]


def is_hidden(text: str) -> bool:
    return any(form in text.lower() for form in FORMS)


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        VALUE.upper(),
        VALUE.title(),
        VALUE[::-1],
        json.dumps(VALUE),
        json.dumps(json.dumps(VALUE)),
        quote(VALUE, safe=""),
        VALUE.encode().hex(),
        base64.b64encode(VALUE.lower().encode()).decode(),
        base64.urlsafe_b64encode(VALUE.upper().encode()).decode(),
        base64.b64encode(base64.b64encode(VALUE.encode())).decode(),
        html.escape(VALUE),
        html.escape(VALUE).replace("&#x27;", "&#39;"),
    ],
)
def test_knows_a_value_in_the_forms_of_filters_and_encoders(text: str) -> None:
    assert is_hidden(f"before {text} after")


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_knows_a_value_inside_longer_base64_wherever_it_begins(before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + VALUE.encode() + after).decode()
    assert is_hidden(text)


def test_a_line_of_a_long_value_is_hidden_and_a_short_word_is_not() -> None:
    forms = forms_of(["-----BEGIN KEY-----\nabcdefghijklmnop\n", "true", "12345"])
    assert "abcdefghijklmnop" in forms
    assert "true" not in forms
    assert "12345" not in forms


def test_other_text_is_not_hidden() -> None:
    assert not is_hidden("the quick brown fox jumps over 0123456789 lazy dogs")

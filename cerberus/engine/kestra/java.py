"""The way from Python to Java classes."""

from typing import Any, TypeAlias

import jpype

#: an object or class of Java; JPype gives it attributes at run time that no type checker can see
Java: TypeAlias = Any

#: any exception thrown by Java code
JavaError: type[Exception] = jpype.JException


def java(name: str) -> Java:
    """Return the Java class with this full name."""
    return jpype.JClass(name)


def typed_null(name: str) -> Java:
    """Return a null that tells overloaded methods apart."""
    return jpype.JObject(None, jpype.JClass(name))


def callback(interface: str, method: str, function: Java) -> Java:
    """Return a Java object whose one method calls a Python function."""
    return jpype.JProxy(interface, dict={method: function})


def optional_integer(value: int | None) -> Java:
    """Return an `Optional<Integer>`."""
    optional = java("java.util.Optional")
    return optional.empty() if value is None else optional.of(integer(value))


def optional_string(value: str | None) -> Java:
    """Return an `Optional<String>`."""
    optional = java("java.util.Optional")
    return optional.empty() if value is None else optional.of(value)


def integer(value: int) -> Java:
    """Return a boxed integer."""
    return java("java.lang.Integer").valueOf(value)


def boolean(value: bool) -> Java:
    """Return a boxed boolean."""
    return java("java.lang.Boolean").valueOf(value)


def seconds(value: float) -> Java:
    """Return a `Duration`."""
    return java("java.time.Duration").ofMillis(round(value * 1000))


def array_list(items: list[Java]) -> Java:
    """Return a mutable Java list."""
    made = java("java.util.ArrayList")()
    for item in items:
        made.add(item)
    return made


def instance_of(value: Java, name: str) -> bool:
    """Tell whether a Java object is of a class."""
    return isinstance(value, java(name))

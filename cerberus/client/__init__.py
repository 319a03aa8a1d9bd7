"""HTTP clients of the Cerberus API and of Kestra, light to import for tasks, console and CLI."""

from cerberus.client.api import CerberusClient
from cerberus.client.errors import ApiProblem, FieldProblem
from cerberus.client.http import JsonConnection

__all__ = ["ApiProblem", "CerberusClient", "FieldProblem", "JsonConnection"]

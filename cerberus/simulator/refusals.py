"""How the venue says no: HTTP status, label and message, as Gate.io's documentation lists them."""


class Refused(Exception):
    """A request that the venue refuses; nothing has changed."""

    def __init__(self, label: str, message: str, status: int = 400) -> None:
        super().__init__(f"{label}: {message}")
        self.label = label
        self.message = message
        self.status = status


def invalid(field: str, value: object) -> Refused:
    """Refuse a parameter's value."""
    return Refused("INVALID_PARAM_VALUE", f"Invalid parameter `{field}` with value: {value}"[:300])


def missing(field: str) -> Refused:
    """Refuse a request that lacks a parameter."""
    return Refused("MISSING_REQUIRED_PARAM", f"Missing required parameter: {field}")


def unknown_pair(pair: str) -> Refused:
    """Refuse a currency pair that is not listed."""
    return Refused("INVALID_CURRENCY_PAIR", f"Invalid currency pair {pair[:60]}")


def unknown_contract(contract: str) -> Refused:
    """Refuse a contract that is not listed."""
    return Refused("CONTRACT_NOT_FOUND", f"contract {contract[:60]} not found")


def order_not_found(order_id: str) -> Refused:
    """Refuse an order id or client text that is not known, or no longer."""
    if order_id.startswith("t-"):
        message = f"Order with client ID {order_id[:60]} not found"
        return Refused("CLIENT_ID_NOT_FOUND", message, 404)
    return Refused("ORDER_NOT_FOUND", f"Order with ID {order_id[:60]} not found", 404)


def auto_order_not_found(order_id: str) -> Refused:
    """Refuse a futures trigger that is not known, or no longer waits: the venue tells no more."""
    return Refused("AUTO_ORDER_NOT_FOUND", f"auto order {order_id[:60]} not found")

"""The gateway's refusals: code, message and sub code as the wallet's public list has them."""

from __future__ import annotations

_MESSAGES = {
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40003": "Insufficient Conditions",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
}


class GatewayError(Exception):
    """A call that the gateway or the business behind it refuses."""

    def __init__(self, code: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(f"{code} {sub_code}")
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg

    def body(self) -> dict[str, str]:
        """Return the response object."""
        return {"code": self.code, "msg": _MESSAGES[self.code], "sub_code": self.sub_code, "sub_msg": self.sub_msg}


def missing(what: str) -> GatewayError:
    """40001: a required argument is absent; `what` as in `isv.missing-<what>`."""
    return GatewayError("40001", f"isv.missing-{what}", f"缺少参数 {what}")


def invalid(what: str, text: str = "") -> GatewayError:
    """40002: an argument is not valid; `what` as in `isv.invalid-<what>`."""
    return GatewayError("40002", f"isv.invalid-{what}", text or f"无效的参数 {what}")


def business(sub_code: str, text: str) -> GatewayError:
    """40004: the business behind the gateway refuses."""
    return GatewayError("40004", sub_code, text)


def forbidden() -> GatewayError:
    """40006: the application has no authority of the merchant for this call."""
    return GatewayError(
        "40006", "isv.insufficient-isv-permissions", "ISV权限不足，建议在开发者中心检查签约是否已经生效"
    )


def bad_token(sub_code: str, text: str) -> GatewayError:
    """20001: the merchant's authorisation is unknown, over or withdrawn."""
    return GatewayError("20001", sub_code, text)

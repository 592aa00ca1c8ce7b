"""What the house asks of a translation engine."""

from __future__ import annotations

from typing import Protocol


class Translator(Protocol):
    """An engine; asking it changes nothing anywhere, so it may be asked again."""

    async def translate(self, text: str, source: str, target: str) -> str:
        """The text in another language, exactly as the engine gave it: to whoever shows it, a stranger's words.

        `source` is a language's code, or empty where the engine is to find it out; `target` is `zh` or `en`.
        Errors: `Unknown(code)` where it may be asked again, `Refused(code)` for a no that stays.
        """
        ...

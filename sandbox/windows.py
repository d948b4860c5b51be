"""How much a client has used of an allowance that starts anew after some seconds."""

from dataclasses import dataclass


@dataclass
class Window:
    began: float
    """Seconds since 1970."""
    used: float = 0


class Windows:
    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def spend(self, name: str, amount: float, seconds: float, now: float) -> tuple[float, float]:
        """(what has been used in this window, seconds until it ends), this request included."""
        window = self._windows.get(name)
        if window is None or not 0 <= now - window.began < seconds:
            window = self._windows[name] = Window(now)
        window.used += amount
        return window.used, seconds - (now - window.began)

    def clear(self) -> None:
        self._windows.clear()

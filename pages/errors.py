"""What an action raises when it cannot do what was asked."""


class ActionError(Exception):
    """Nothing was changed. `message` says why, and what to do, to the person who asked."""

    message: str = ""

    def __init__(self, message: str = "") -> None:
        self.message = message or self.message
        super().__init__(self.message)

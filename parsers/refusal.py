"""Why something is not read any further, raised where it is found and turned into a value by the reader."""

from parsers.documents import Why


class Refused(Exception):
    """A file, or a member of a container, that will not be read; `why` says what it is instead."""

    def __init__(self, why: Why, note: str) -> None:
        super().__init__(note)
        self.why = why
        self.note = note

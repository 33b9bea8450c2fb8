from parsers.documents import Facts


def read(data: bytes, name: str) -> Facts:
    """Return what the file `data` called `name` holds."""
    raise NotImplementedError

"""Returns that came back encrypted, opened with the passwords they went out with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.markbook.sealing import (
    LARGEST,
    is_sealed,
    likeliest,
    opened,
    sealed,
)
from generator.returns.reading.reading_room import Taken, read_all


def unsealed(taken: Taken, passwords: Mapping[str, str]) -> Taken:
    """A file as it was read, or as it reads without its encryption.

    What comes out is read like any other file, in a process of its own. Its hash,
    size and time stay those of the file that came back.

    Args:
        taken: The file as it was read.
        passwords: Teacher -> password of the academic year.
    """
    if not passwords or taken.refused is None or taken.refused[0] != "encrypted":
        return taken
    data = plain(taken.path, passwords)
    if data is None:
        return taken
    with TemporaryDirectory(prefix="markbook-") as folder:
        path = Path(folder) / "opened.xlsx"
        path.write_bytes(data)
        (read,) = read_all([path])
    return replace(
        taken,
        book=read.book,
        refused=read.refused,
    )


def marked_as_it_came(
    data: bytes,
    path: Path,
    passwords: Mapping[str, str],
    mark: Callable[[bytes], bytes],
) -> bytes | None:
    """A marked-up copy: encrypted as the return was, with the same password.

    Args:
        data: The return.
        path: Where it lies, which tells the likeliest password.
        passwords: Teacher -> password of the academic year.
        mark: Marks up a workbook that is not encrypted.

    Returns:
        The copy; None where the return is encrypted and no password fits.
    """
    if not is_sealed(data):
        return mark(data)
    for password in likeliest(path.as_posix(), passwords):
        inside = opened(data, [password])
        if inside is not None:
            return sealed(mark(inside), password)
    return None


def plain(path: Path, passwords: Mapping[str, str]) -> bytes | None:
    """The workbook inside an encrypted file; None where no password fits."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    return opened(data, likeliest(path.as_posix(), passwords))

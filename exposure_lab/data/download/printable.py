"""Words of a stranger, such as a server's reason or a name in an archive, shown without harm."""


def printable(words: object, most: int = 120) -> str:
    """Put a stranger's words on one line of a terminal, which some signs would steer.

    Args:
        words: whatever `str` makes words of.
        most: characters; longer words are cut off.
    """
    line = " ".join(str(words).split())
    line = line if len(line) <= most else f"{line[:most]}..."
    return "".join(sign if sign.isprintable() else "?" for sign in line)

"""Untrusted text, such as a server's reason or a name in an archive, made safe to print."""


def printable(text: object, most: int = 120) -> str:
    """Put untrusted text on one line, without the characters that would steer a terminal.

    Args:
        text: whatever `str` takes.
        most: characters; a longer text is cut off.
    """
    line = " ".join(str(text).split())
    line = line if len(line) <= most else f"{line[:most]}..."
    return "".join(sign if sign.isprintable() else "?" for sign in line)

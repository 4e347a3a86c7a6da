"""Parts of a page that a program writes, each between two marks."""


def written(text: str, mark: str, content: str) -> str:
    """Put content between the marks `<!-- MARK -->` and `<!-- /MARK -->` of a page.

    Raises ValueError where they are not there, each once and in this order.
    """
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"Expected {begin} and after it {end}, each once.")
    before, rest = text.split(begin)
    return f"{before}{begin}{content}{end}{rest.split(end)[1]}"


def as_block(content: str) -> str:
    """Lines of their own: with empty ones around it, Markdown takes a table for one."""
    return f"\n\n{content}\n\n"

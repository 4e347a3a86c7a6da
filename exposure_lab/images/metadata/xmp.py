"""XMP packets, patched as text: only what would be untrue of the corrected photo changes."""

# Source: XMP specification, part 1 (serialisation); Ultra HDR image format 1.1 (gain maps);
# Motion photo format 1.0 (films).

import re

ENCODINGS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"))

SPACES = {
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
    "Container": "http://ns.google.com/photos/1.0/container/",
    "Item": "http://ns.google.com/photos/1.0/container/item/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
}
"""Namespaces by their usual prefixes, which count where a packet forgets to declare them."""

GAIN_MAP = {
    "hdrgm": r"(?:Version|BaseRenditionIsHDR|GainMapM(?:in|ax)|Gamma|OffsetS?HDR|OffsetSDR|"
    r"HDRCapacityM(?:in|ax))",
    "HDRGainMap": r"HDRGainMap(?:Version|Headroom)",
}
FILM = {"GCamera": r"(?:MotionPhoto|MicroVideo)(?:Version|Offset|PresentationTimestampUs)?"}
FOLLOWERS = {"Container": "(?:Directory|Version)"}
SIDES = (("tiff", "ImageWidth", "ImageLength"), ("exif", "PixelXDimension", "PixelYDimension"))

BEFORE_VALUE = r"(?:\s*=\s*[\"']|(?:\s[^<>]{0,500})?>)\s*"
"""What stands between a property's name and its value: of an attribute, or of an element."""

SPACE = r"(?<!\s)\s+"
"""White space from its beginning: tried from within, kilobytes of padding would take seconds."""


class Packet:
    """An XMP packet as text; every character that is not patched comes back as it was."""

    def __init__(self, content: bytes) -> None:
        # Latin-1 has a character for every byte: UTF-8 comes back whole, though it isn't decoded.
        self._encoding = next(
            (name for bom, name in ENCODINGS if content.startswith(bom)), "latin-1"
        )
        if len(content) % 2:
            self._encoding = "latin-1"
        self.text = content.decode(self._encoding, "surrogateescape")

    def __bytes__(self) -> bytes:
        return self.text.encode(self._encoding, "surrogateescape")

    @property
    def orientation(self) -> int | None:
        """The orientation, 1 to 8, that the packet states; None where it states none."""
        before = self._name("tiff", "Orientation") + BEFORE_VALUE
        found = re.search(rf"{before}0*([1-8])\s*[\"'<]", self.text)
        return int(found[1]) if found else None

    @property
    def has_gain_map(self) -> bool:
        """Whether the packet says that a gain map follows the photo."""
        names = "|".join(self._name(space, name) for space, name in GAIN_MAP.items())
        return re.search(rf"{names}|Semantic{BEFORE_VALUE}GainMap", self.text) is not None

    @property
    def has_film(self) -> bool:
        """Whether the packet says that a short film follows the photo."""
        return re.search(self._name("GCamera", FILM["GCamera"]), self.text) is not None

    def make_upright(self, sides_swapped: bool) -> None:
        """State that the photo lies upright, and swap its sides where they were swapped."""
        for space in ("tiff", "exif"):
            before = self._name(space, "Orientation") + BEFORE_VALUE
            self.text = re.sub(rf"({before}0*)[2-8](?=\s*[\"'<])", r"\g<1>1", self.text)
        if sides_swapped:
            for space, one, other in SIDES:
                self._swap(self._name(space, one), self._name(space, other))

    def drop_followers(self) -> None:
        """Drop what the packet says of gain maps and films, which no longer follow the photo."""
        for space, names in (GAIN_MAP | FILM | FOLLOWERS).items():
            self._drop(self._name(space, names))
        for space in ("hdrgm", "HDRGainMap", "Container", "Item"):
            for prefix in self._prefixes(space):
                if not re.search(rf"[<\s/]{prefix}:", self.text):
                    self.text = re.sub(
                        rf"{SPACE}xmlns:{prefix}\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", self.text
                    )

    def _prefixes(self, space: str) -> list[str]:
        declared = rf"xmlns:([\w-]{{1,64}})\s*=\s*[\"']{re.escape(SPACES[space])}[\"']"
        return sorted({space, *re.findall(declared, self.text)})

    def _name(self, space: str, name: str) -> str:
        return rf"(?<![\w:/.-])(?:{'|'.join(self._prefixes(space))}):{name}(?![\w.-])"

    def _swap(self, one: str, other: str) -> None:
        found = [
            re.search(rf"{name}{BEFORE_VALUE}(\d{{1,10}})(?=\s*[\"'<])", self.text)
            for name in (one, other)
        ]
        if found[0] is None or found[1] is None:
            return
        first, second = sorted(
            (match for match in found if match), key=lambda match: match.start(1)
        )
        self.text = (
            self.text[: first.start(1)]
            + second[1]
            + self.text[first.end(1) : second.start(1)]
            + first[1]
            + self.text[second.end(1) :]
        )

    def _drop(self, name: str) -> None:
        """Drop properties of a name, as attributes and as elements with all that is in them."""
        self.text = re.sub(rf"{SPACE}{name}\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", self.text)
        parts, place, unclosed = [], 0, set()
        for element in re.finditer(rf"<({name})(?:\s[^<>]{{0,2000}})?>", self.text):
            end = f"</{element[1]}>"
            if element.start() < place or end in unclosed:
                continue
            closed = (
                element.end() if element[0].endswith("/>") else self.text.find(end, element.end())
            )
            if closed < 0:
                unclosed.add(end)
                continue
            parts.append(self.text[place : element.start()])
            place = closed if element[0].endswith("/>") else closed + len(end)
        self.text = "".join([*parts, self.text[place:]])

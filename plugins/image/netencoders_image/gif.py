"""GIF: the walk through the blocks, which counts the images."""

from __future__ import annotations

from netencoders_image.found import Found, cut, malformed, several

__all__ = ["walk_gif"]


def walk_gif(content: bytes) -> Found:
    """Return the file, if it has one image.

    Raises
    ------
    ImageError
        The file is truncated or malformed, or has several images.
    """
    blocks = _Blocks(content)
    screen = blocks.take(13)[6:]
    blocks.skip_colors(screen[4])
    count = 0
    while (kind := blocks.take(1)) != b";":
        if kind == b"!":
            blocks.take(1)
        elif kind == b",":
            count += 1
            if count > 1:
                raise several("it is an animation of several images")
            image = blocks.take(9)
            for axis in (0, 2):
                first, size, room = (
                    int.from_bytes(part, "little")
                    for part in (
                        image[axis : axis + 2],
                        image[axis + 4 : axis + 6],
                        screen[axis : axis + 2],
                    )
                )
                if first + size > room:
                    raise malformed("the image of the GIF file is larger than its screen")
            blocks.skip_colors(image[8])
            blocks.take(1)
        else:
            raise malformed(f"the GIF file has no block at byte {blocks.place - 1}")
        while size := blocks.take(1)[0]:
            blocks.take(size)
    if not count:
        raise malformed("the GIF file has no image")
    return Found("GIF", content)


class _Blocks:
    """Reads a file from the first byte to the last."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0

    def take(self, count: int) -> bytes:
        part = self.content[self.place : self.place + count]
        self.place += count
        if len(part) < count:
            raise cut(f"the GIF file ends before its last block, at byte {len(self.content)}")
        return part

    def skip_colors(self, flags: int) -> None:
        if flags & 128:
            self.take(3 << ((flags & 7) + 1))

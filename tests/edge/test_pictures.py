"""Pictures come out upright, small and bare, or are refused in a word; nothing hostile comes through."""

from __future__ import annotations

import asyncio
import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from hejie.base.errors import Refused
from hejie.edge import pictures
from hejie.edge.pictures import MOST_BYTES_IN, MOST_BYTES_OUT, clean_picture

SECRET = b"secret-120.1551E-30.2741N"


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def half_red(width: int = 60, height: int = 40) -> Image.Image:
    picture = Image.new("RGB", (width, height), "white")
    picture.paste("red", (0, 0, width // 2, height))
    return picture


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


async def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        await clean_picture(raw)
    return caught.value.code


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a great many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("kind", "becomes"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "jpg")])
async def test_each_kind_is_encoded_afresh(kind: str, becomes: str):
    clean = await clean_picture(encoded(half_red(), kind))
    again = opened(clean.data)
    assert (clean.kind, clean.width, clean.height) == (becomes, 60, 40)
    assert (again.format, again.size, again.mode) == ({"jpg": "JPEG", "png": "PNG"}[becomes], (60, 40), "RGB")
    red, green, _ = again.getpixel((5, 20))
    assert red > 200
    assert green < 60


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = SECRET.decode()
    data.get_ifd(0x8825)[29] = SECRET.decode()  # the day stamp of its position
    return data.tobytes()


@pytest.mark.parametrize("scale", [1, 60])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
async def test_it_stands_upright_and_its_place_is_forgotten(kind: str, scale: int):
    raw = encoded(half_red(60 * scale, 40 * scale), kind, exif=exif(6))
    assert SECRET in raw
    clean = await clean_picture(raw)
    again = opened(clean.data)
    assert clean.width < clean.height
    assert again.getpixel((clean.width // 2, 2))[1] < 60  # red was left, is now on top
    assert SECRET not in clean.data
    assert not again.getexif()


@pytest.mark.parametrize(
    "raw",
    [
        encoded(half_red(), "JPEG", comment=SECRET),
        encoded(
            half_red(), "JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET
        ),
        encoded(half_red(), "JPEG", xmp=b"<x:xmpmeta>" + SECRET),
        encoded(half_red(), "JPEG") + b"PK\x03\x04" + SECRET,
        encoded(half_red(), "PNG") + SECRET,
        encoded(half_red(), "WEBP", xmp=SECRET),
    ],
    ids=["comment", "icc", "xmp", "polyglot", "tail", "webp-xmp"],
)
async def test_nothing_but_the_pixels_comes_through(raw: bytes):
    assert SECRET in raw
    clean = await clean_picture(raw)
    assert SECRET not in clean.data
    assert set(opened(clean.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_a_png_loses_its_texts_and_profile():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    notes.add_itxt("Author", SECRET.decode())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    raw = encoded(half_red(), "PNG", pnginfo=notes, icc_profile=profile, dpi=(300, 300))
    assert opened(raw).info["Comment"]
    assert opened((await clean_picture(raw)).data).info == {}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_sort_of_pixel_is_understood(mode: str):
    picture = Image.new(mode, (9, 7)) if mode == "I;16" else half_red(9, 7).convert(mode)
    clean = await clean_picture(encoded(picture, "PNG"))
    assert (opened(clean.data).mode, clean.width, clean.height) == ("RGB", 9, 7)


async def test_what_is_transparent_becomes_white():
    clean = await clean_picture(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"))
    assert opened(clean.data).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_of_a_moving_picture_the_first_frame_stays(kind: str):
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue", "lime")]
    raw = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    clean = await clean_picture(raw)
    again = opened(clean.data)
    assert getattr(again, "n_frames", 1) == 1
    assert again.getpixel((3, 3))[0] > 200


async def test_a_large_picture_is_made_small():
    noise = Image.effect_noise((3000, 2000), 150).convert("RGB")
    raw = encoded(noise, "JPEG", quality=97)
    assert len(raw) > MOST_BYTES_OUT
    clean = await clean_picture(raw)
    assert len(clean.data) <= MOST_BYTES_OUT
    assert 1000 <= clean.width <= 2560


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("photo.jpg", encoded(half_red(), "JPEG"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "picture_unknown_type"),
        (archive(), "picture_unknown_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unknown_type"),
        (encoded(half_red(), "GIF"), "picture_unknown_type"),
        (encoded(half_red(), "BMP"), "picture_unknown_type"),
        (b"%PDF-1.7", "picture_unknown_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "picture_heic"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "picture_unknown_type"),
        (b"\xff\xd8\xff" + b"x" * MOST_BYTES_IN, "picture_too_large"),
        (flood(20_000, 20_000), "picture_too_many_pixels"),
        (flood(8_000, 5_001), "picture_too_many_pixels"),
        (flood(65_000, 65_000), "picture_too_many_pixels"),
        (flood(100, 100), "picture_broken"),
        (flood(0, 0), "picture_broken"),
        (b"\xff\xd8\xff", "picture_broken"),
        (b"\xff\xd8\xff\xe0PK\x03\x04", "picture_broken"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "picture_broken"),
        (encoded(half_red(), "JPEG")[:-200], "picture_broken"),
        (encoded(half_red(), "PNG")[:-30], "picture_broken"),
        (encoded(half_red(), "WEBP")[:-30], "picture_broken"),
    ],
)
async def test_anything_else_is_refused_in_a_word(raw: bytes, code: str):
    assert await refusal(raw) == code


async def test_a_compressed_text_cannot_blow_up_in_memory():
    raw = encoded(half_red(), "PNG")
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    assert await refusal(raw[:33] + bomb + raw[33:]) == "picture_broken"


async def test_a_worker_that_hangs_dies_or_babbles_is_a_broken_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    script = tmp_path / "worker.py"
    monkeypatch.setattr(pictures, "_WORKER", script)
    monkeypatch.setattr(pictures, "_SECONDS", 0.3)
    for code in (
        "while True: pass",
        "import os; os.abort()",
        "print('{}')",
        "print('<html>')",
        'print(\'{"kind":"exe"}\')',
    ):
        script.write_text(code)
        assert await refusal(encoded(half_red(), "PNG")) == "picture_broken"


async def test_the_worker_sees_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text("import os; print('{\"code\":\"' + str('HEJIE_KEY' in os.environ) + '\"}')")
    monkeypatch.setattr(pictures, "_WORKER", script)
    monkeypatch.setenv("HEJIE_KEY", "secret")
    assert await refusal(encoded(half_red(), "PNG")) == "False"


async def test_many_at_once_wait_for_each_other():
    raw = encoded(half_red(), "JPEG")
    found = await asyncio.gather(*(clean_picture(raw) for _ in range(5)))
    assert {picture.width for picture in found} == {60}
    assert sys.getsizeof(found[0].data) < MOST_BYTES_OUT

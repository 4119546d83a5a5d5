"""Sets one folder's main.typ: python -I typesetter.py FOLDER TIMESTAMP. A process of its own, with no project in it.

The typesetter remembers what it has set, hundreds of megabytes for a long report; a process that ends gives them back, and
can be ended when it takes too long. It writes report.pdf into the folder, or says on its output why it cannot.
"""

import sys
from pathlib import Path

import typst

STANDARDS = ["a-2a", "ua-1"]


def main(folder: Path, timestamp: int) -> int:
    compiler = typst.Compiler(
        folder / "main.typ",
        root=folder,
        ignore_system_fonts=True,
        # Fonts of the machine would make the bytes depend on it.
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
        package_path=folder,
        package_cache_path=folder,
    )
    try:
        made = compiler.compile(
            format="pdf",
            pdf_standards=STANDARDS,  # type: ignore[arg-type]
            timestamp=timestamp,
        )
    except typst.TypstError as error:
        sys.stdout.buffer.write(error.message.splitlines()[0].encode())
        return 1
    assert isinstance(made, bytes)
    (folder / "report.pdf").write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))

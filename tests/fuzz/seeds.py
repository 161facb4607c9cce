"""Writes the formulas of docs/functions.md as files of their own: seeds_dir/NUMBER."""

import pathlib
import re
import sys

page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for number, formula in enumerate(re.findall(r"`([^`]+)` →", page.read_text("utf-8"))):
    (folder / f"{number:04}").write_text(formula.replace("\\|", "|"), "utf-8")

//! Printing: lines for people on standard output, JSON for scripts; and the generated pages.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::Failure;

/// Prints a line. A closed pipe ends the program quietly, as people expect of `| head`.
pub fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{}", text.as_ref()).is_err() {
        std::process::exit(0);
    }
}

/// Prints JSON.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string_pretty(value).map_err(Failure::new)?);
    Ok(())
}

/// Writes the generated pages.
pub fn docs(folder: &Path) -> Result<(), Failure> {
    let pages = [
        ("commands.md", flow::docs::commands_markdown()),
        ("functions.md", flow::docs::functions_markdown()),
        ("errors.md", model::catalogue::markdown()),
    ];
    for (name, text) in pages {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        line(path.display().to_string());
    }
    Ok(())
}

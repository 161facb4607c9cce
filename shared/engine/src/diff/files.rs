//! Attached files: which of a record's own can stay, and which have to be copied.

use model::value::{FileRef, Row, Value};

/// The files to write; those that the record holds already (by name, size and type) are its own again, so that kintone
/// keeps them.
pub(super) fn reuse(wanted: &[FileRef], own: &Value) -> Vec<FileRef> {
    let mut own: Vec<&FileRef> = if let Value::Files(files) = own { files.iter().collect() } else { Vec::new() };
    let alike = |a: &FileRef, b: &FileRef| a.name == b.name && a.size == b.size && a.content_type == b.content_type;
    wanted
        .iter()
        .map(|file| match own.iter().position(|known| alike(known, file)) {
            Some(at) => own.remove(at).clone(),
            None => file.clone(),
        })
        .collect()
}

/// All files of a value, those in a table's rows with it.
pub(super) fn all(value: &Value) -> Vec<&FileRef> {
    match value {
        Value::Files(files) => files.iter().collect(),
        Value::Rows(rows) => rows.iter().flat_map(|row: &Row| &row.cells).flat_map(|(_, value)| all(value)).collect(),
        _ => Vec::new(),
    }
}

/// The same, to change them.
pub(super) fn all_mut(value: &mut Value) -> Vec<&mut FileRef> {
    match value {
        Value::Files(files) => files.iter_mut().collect(),
        Value::Rows(rows) => {
            rows.iter_mut().flat_map(|row: &mut Row| &mut row.cells).flat_map(|(_, value)| all_mut(value)).collect()
        }
        _ => Vec::new(),
    }
}

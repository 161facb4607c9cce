//! Which place of a row each declared column has.

use flow::plan::{FileColumn, Source};

use super::problem::FileProblem;

/// The place of each column, given the names in the header. Names are compared without blanks around them.
pub(super) fn places(
    columns: &[FileColumn],
    header: Option<&[String]>,
    undecodable: bool,
) -> Result<Vec<usize>, FileProblem> {
    let names: Vec<&str> = header.unwrap_or_default().iter().map(|n| n.trim()).collect();
    let (mut places, mut missing) = (Vec::with_capacity(columns.len()), Vec::new());
    for column in columns {
        match &column.source {
            Source::Position(place) => places.push(*place),
            // A form has no header and no places; it is read by cells.
            Source::Cell(cell) => places.push(usize::try_from(cell.column).unwrap_or(usize::MAX)),
            Source::Header(name) => {
                let mut found = names.iter().enumerate().filter(|(_, n)| **n == name.trim()).map(|(place, _)| place);
                match (found.next(), found.next()) {
                    (Some(place), None) => places.push(place),
                    (Some(_), Some(_)) => return Err(FileProblem::HeaderTwice { name: name.clone() }),
                    (None, _) => missing.push(name.clone()),
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(places);
    }
    let found = names.iter().filter(|n| !n.is_empty()).map(|n| (*n).to_owned()).collect();
    Err(FileProblem::NoColumns { missing, found, undecodable })
}

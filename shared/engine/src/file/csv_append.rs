//! Rows behind those of a CSV file that is there: only where it is a file of the same kind.

use flow::plan::{OutColumn, WriteFile};

use super::csv_in::names;
use super::csv_out::Layout;
use super::encoding::{Encoder, decode, mark};
use super::problem::FileProblem;
use super::quotes;

/// A file that rows can be put behind.
pub(super) struct Held {
    layout: Layout,
    /// Bytes in front of the first row of a file of this layout: its mark and its header.
    skip: usize,
    /// Whether it holds nothing but blanks: the rows take its place, header and all.
    blank: bool,
    /// Whether its last line is ended.
    ended: bool,
}

impl Held {
    /// Looks at a file. What does not decode is of another encoding, and would become a file of two.
    pub(super) fn read(bytes: &[u8], spec: &WriteFile) -> Result<Self, FileProblem> {
        let layout = Layout::of(spec).map_err(|e| FileProblem::Other(e.to_string()))?;
        let decoded = decode(bytes, layout.encoding)?;
        if decoded.errors {
            return Err(FileProblem::Undecodable { encoding: layout.encoding.name() });
        }
        let held = decoded.text;
        // Rows behind a mark that is open would be part of its cell.
        quotes::check(&held, layout.delimiter)?;
        let encoder = Encoder::new(layout.encoding);
        let mut skip = if layout.bom { mark(layout.encoding).len() } else { 0 };
        let first = names(&held, layout.delimiter);
        if layout.header {
            // The header as it was written: with `?` for what the encoding lacks.
            let written =
                |out: &OutColumn| encoder.fit(&out.title, |_| Ok::<_, FileProblem>('?')).map(|t| t.into_owned());
            let wanted: Vec<String> = spec.columns.iter().map(written).collect::<Result<_, _>>()?;
            let mut line = layout.writer();
            let failed = |e: &dyn std::fmt::Display| FileProblem::Other(e.to_string());
            line.write_record(&wanted).map_err(|e| failed(&e))?;
            skip += encoder.encode(line.into_inner().map_err(|e| failed(&e))?).len();
            if let Some(found) = first.as_ref().filter(|found| **found != wanted) {
                return Err(FileProblem::OtherHeader { found: found.clone(), wanted });
            }
        }
        let ended = held.ends_with(['\n', '\r']);
        Ok(Self { skip, blank: first.is_none(), ended, layout })
    }
}

/// What a file holds with the rows of another one of the same layout behind them.
pub(super) fn append(before: &[u8], fresh: &[u8], spec: &WriteFile) -> Result<Vec<u8>, FileProblem> {
    let held = Held::read(before, spec)?;
    if held.blank {
        return Ok(fresh.to_vec());
    }
    let mut bytes = before.to_vec();
    if !held.ended {
        let end = if held.layout.crlf { b"\r\n".to_vec() } else { b"\n".to_vec() };
        bytes.extend(Encoder::new(held.layout.encoding).encode(end));
    }
    bytes.extend_from_slice(fresh.get(held.skip..).unwrap_or_default());
    Ok(bytes)
}

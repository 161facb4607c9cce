//! Fills a table with the values of a file, and counts what does not fit.

use flow::plan::{Column, FileColumn};

use super::cell::{Raw, value};
use super::problem::FileProblem;
use super::{FileContext, header};
use crate::builder::TableBuilder;
use crate::error::{EngineError, Place};
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;

/// A table that is being filled.
pub(super) struct Filling<'a> {
    builder: TableBuilder,
    names: &'a [Column],
    columns: &'a [FileColumn],
    context: &'a FileContext<'a>,
    counts: &'a mut Counts,
}

impl<'a> Filling<'a> {
    pub(super) fn new(
        names: &'a [Column],
        columns: &'a [FileColumn],
        context: &'a FileContext<'a>,
        counts: &'a mut Counts,
    ) -> Self {
        Self { builder: TableBuilder::new(names), names, columns, context, counts }
    }

    /// The columns.
    pub(super) fn columns(&self) -> &'a [FileColumn] {
        self.columns
    }

    /// An error of the file.
    pub(super) fn problem(&self, problem: FileProblem) -> EngineError {
        self.context.problem(problem)
    }

    /// The same for where the table itself is in use.
    pub(super) fn failing(&self) -> impl Fn(FileProblem) -> EngineError + use<'a> {
        let context = self.context;
        move |problem| context.problem(problem)
    }

    /// The place of each column in a row.
    pub(super) fn places(&self, header: Option<&[String]>, undecodable: bool) -> Result<Vec<usize>, EngineError> {
        header::places(self.columns, header, undecodable).map_err(|p| self.context.problem(p))
    }

    /// The value of a column in the current row, which is this line or row of the file.
    pub(super) fn put(&mut self, column: usize, raw: &Raw<'_>, line: u64) -> Result<(), EngineError> {
        let (Some(name), Some(spec)) = (self.names.get(column), self.columns.get(column)) else { return Ok(()) };
        if let Raw::Text(text) = raw
            && text.contains('\u{FFFD}')
        {
            self.lost(column, Reason::Undecodable, text, line)?;
        }
        match value(raw, name.kind, spec.format.as_ref(), self.context.zone) {
            Ok(value) => self.builder.push_value(column, &value).map_err(|e| e.in_step(self.context.step)),
            Err(reason) => self.lost(column, reason, &raw.text(), line),
        }
    }

    /// The row is complete.
    pub(super) fn close_row(&mut self) {
        self.builder.close_row();
    }

    /// A row of another width than the header.
    pub(super) fn ragged(&mut self, line: u64, found: usize, wanted: usize) -> Result<(), EngineError> {
        if self.context.strict {
            return Err(self.context.problem(FileProblem::Ragged { line, found, wanted }));
        }
        let row = usize::try_from(line).unwrap_or(usize::MAX);
        self.counts.add(self.context.file, Reason::RaggedRow, || Sample {
            row,
            group: None,
            record: None,
            table_row: None,
            value: format!("{found} / {wanted}"),
        });
        Ok(())
    }

    /// Refuses a column whose place no row of the file reaches: its values would all be blank.
    pub(super) fn reached(&self, places: &[usize], widest: usize) -> Result<(), EngineError> {
        let beyond = places.iter().zip(self.names).find(|(place, _)| **place >= widest);
        let problem = beyond.map(|(place, column)| FileProblem::NoPlace {
            name: column.name.clone(),
            place: place.saturating_add(1),
            width: widest,
        });
        problem.map_or(Ok(()), |problem| Err(self.problem(problem)))
    }

    /// The table.
    pub(super) fn finish(self) -> Result<Table, EngineError> {
        self.builder.finish().map_err(|e| e.in_step(self.context.step))
    }

    fn lost(&mut self, column: usize, reason: Reason, text: &str, line: u64) -> Result<(), EngineError> {
        let field = self.names.get(column).map_or("", |c| c.name.as_str());
        let row = usize::try_from(line).unwrap_or(usize::MAX);
        if self.context.strict {
            let place = Place { step: self.context.step.to_owned(), row: Some(row), ..Place::field(field) };
            return Err(EngineError::Conversion { place: Box::new(place), value: shown(text), reason });
        }
        self.counts.add(field, reason, || Sample {
            row,
            group: None,
            table_row: None,
            record: None,
            value: shown(text),
        });
        Ok(())
    }
}

//! The builder of one column: chunks of one kind.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, PrimitiveBuilder, StringViewBuilder};
use arrow_array::types::{Date32Type, Time32SecondType, TimestampSecondType};
use model::field::Kind;
use model::value::{Cell, Value};

use super::list::ListChunk;
use super::number::NumberChunk;
use crate::concat::{ConcatError, concat_column};
use crate::error::{EngineError, Place};
use crate::number::Clash;

/// Rows per chunk: large enough that chunks cost nothing, small enough that a doubling vector wastes little.
const CHUNK: usize = 8_192;
/// Bytes per block of texts that are longer than 12 bytes; at most this much is unused per chunk and column.
const TEXT_BLOCK: u32 = 16 * 1_024;

/// Why a column refuses a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// More than 38 digits at the scale of the chunk.
    #[error("the number does not fit 38 digits beside the others of its column")]
    Overflow(Box<Clash>),
    /// A value of another kind.
    #[error("{found:?} in a column of {expected:?}")]
    Kind { expected: Kind, found: Kind },
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Refusal {
    /// As an error at this place.
    pub(crate) fn error(self, place: Box<Place>) -> EngineError {
        match self {
            Self::Overflow(clash) => clash.error(place),
            Self::Kind { expected, found } => EngineError::Kind { place, expected, found },
            Self::Other(reason) => EngineError::plan(reason),
        }
    }
}

/// The chunk that is being filled.
#[derive(Debug)]
enum Chunk {
    Text(StringViewBuilder),
    Number(NumberChunk),
    Date(PrimitiveBuilder<Date32Type>),
    Time(PrimitiveBuilder<Time32SecondType>),
    Datetime(PrimitiveBuilder<TimestampSecondType>),
    Bool(BooleanBuilder),
    List(ListChunk),
    Rows(StringViewBuilder),
}

impl Chunk {
    fn new(kind: Kind) -> Self {
        // No capacity in advance: most tables of a realtime run have a handful of rows.
        let texts = || StringViewBuilder::with_capacity(0).with_fixed_block_size(TEXT_BLOCK);
        match kind {
            Kind::Text => Self::Text(texts()),
            Kind::Number => Self::Number(NumberChunk::default()),
            Kind::Date => Self::Date(PrimitiveBuilder::with_capacity(0)),
            Kind::Time => Self::Time(PrimitiveBuilder::with_capacity(0)),
            Kind::Datetime => Self::Datetime(PrimitiveBuilder::with_capacity(0)),
            Kind::Bool => Self::Bool(BooleanBuilder::with_capacity(0)),
            Kind::Texts | Kind::Entities | Kind::Files => Self::List(ListChunk::new(kind)),
            Kind::Rows => Self::Rows(texts()),
        }
    }

    fn finish(self) -> Result<ArrayRef, EngineError> {
        Ok(match self {
            Self::Text(mut b) | Self::Rows(mut b) => Arc::new(b.finish()),
            Self::Number(b) => b.finish(),
            Self::Date(mut b) => Arc::new(b.finish()),
            Self::Time(mut b) => Arc::new(b.finish()),
            Self::Datetime(mut b) => Arc::new(b.finish()),
            Self::Bool(mut b) => Arc::new(b.finish()),
            Self::List(b) => b.finish()?,
        })
    }
}

/// Builds one column.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    kind: Kind,
    chunk: Chunk,
    in_chunk: usize,
    sealed: Vec<Result<ArrayRef, EngineError>>,
    len: usize,
}

impl ColumnBuilder {
    /// A builder of a column of this kind.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, chunk: Chunk::new(kind), in_chunk: 0, sealed: Vec::new(), len: 0 }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// How many values, blanks included.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds a blank.
    pub(crate) fn push_blank(&mut self) {
        match &mut self.chunk {
            Chunk::Text(b) | Chunk::Rows(b) => b.append_null(),
            Chunk::Number(b) => b.push_blank(),
            Chunk::Date(b) => b.append_null(),
            Chunk::Time(b) => b.append_null(),
            Chunk::Datetime(b) => b.append_null(),
            Chunk::Bool(b) => b.append_null(),
            Chunk::List(b) => b.push_blank(),
        }
        self.count();
    }

    /// Adds a value, which must be of the column's kind. Empty texts and lists are blank.
    pub(crate) fn push(&mut self, cell: Cell<'_>) -> Result<(), Refusal> {
        match (&mut self.chunk, cell) {
            (
                _,
                Cell::Blank | Cell::Text("") | Cell::Texts([]) | Cell::Entities([]) | Cell::Files([]) | Cell::Rows([]),
            ) => {
                self.push_blank();
                return Ok(());
            }
            (Chunk::Text(b), Cell::Text(t)) => {
                b.try_append_value(t).map_err(|e| Refusal::Other(e.to_string()))?;
            }
            (Chunk::Number(b), Cell::Number(n)) => {
                let before = self.len - self.in_chunk;
                b.push(n).map_err(|clash| Refusal::Overflow(Box::new(clash.behind(before))))?;
            }
            (Chunk::Date(b), Cell::Date(d)) => b.append_value(d),
            (Chunk::Time(b), Cell::Time(t)) => b.append_value(t),
            (Chunk::Datetime(b), Cell::Datetime(t)) => b.append_value(t),
            (Chunk::List(b), Cell::Texts(t)) if self.kind == Kind::Texts => {
                b.push(t, |t| [t.as_str()]);
            }
            (Chunk::List(b), Cell::Entities(e)) if self.kind == Kind::Entities => {
                b.push(e, |e| [e.code.as_str(), e.name.as_str()]);
            }
            (Chunk::List(b), Cell::Files(f)) if self.kind == Kind::Files => {
                b.push(f, |f| [f.file_key.as_str(), f.name.as_str(), f.content_type.as_str(), f.size.as_str()]);
            }
            (Chunk::Rows(b), Cell::Rows(r)) => {
                let json = serde_json::to_string(r).map_err(|e| Refusal::Other(e.to_string()))?;
                b.try_append_value(json).map_err(|e| Refusal::Other(e.to_string()))?;
            }
            (_, other) => {
                return Err(Refusal::Kind {
                    expected: self.kind,
                    found: Value::from(other).kind().unwrap_or(self.kind),
                });
            }
        }
        self.count();
        Ok(())
    }

    /// Adds an owned value, which may be a truth value.
    pub(crate) fn push_value(&mut self, value: &Value) -> Result<(), Refusal> {
        self.push(match value {
            Value::Blank => Cell::Blank,
            Value::Text(t) => Cell::Text(t),
            Value::Number(n) => Cell::Number(*n),
            Value::Date(d) => Cell::Date(*d),
            Value::Time(t) => Cell::Time(*t),
            Value::Datetime(t) => Cell::Datetime(*t),
            Value::Texts(t) => Cell::Texts(t),
            Value::Entities(e) => Cell::Entities(e),
            Value::Files(f) => Cell::Files(f),
            Value::Rows(r) => Cell::Rows(r),
            Value::Bool(truth) => {
                let Chunk::Bool(b) = &mut self.chunk else {
                    return Err(Refusal::Kind { expected: self.kind, found: Kind::Bool });
                };
                b.append_value(*truth);
                self.count();
                return Ok(());
            }
        })
    }

    fn count(&mut self) {
        self.len += 1;
        self.in_chunk += 1;
        if self.in_chunk == CHUNK {
            self.seal();
        }
    }

    fn seal(&mut self) {
        let full = std::mem::replace(&mut self.chunk, Chunk::new(self.kind));
        self.in_chunk = 0;
        // A chunk that cannot be finished (more than 2^31 list items) is told at the end, with the column's name.
        self.sealed.push(full.finish());
    }

    /// The column.
    pub(crate) fn finish(mut self) -> Result<ArrayRef, ConcatError> {
        if self.in_chunk > 0 || self.sealed.is_empty() {
            self.seal();
        }
        let chunks: Result<Vec<_>, _> = self.sealed.into_iter().collect();
        concat_column(chunks.map_err(ConcatError::Kernel)?, self.kind)
    }
}

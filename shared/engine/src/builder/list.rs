//! A chunk of lists: texts, entities or files, each item of one or several text parts.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use model::field::Kind;

use crate::column::{item_type, list_item};
use crate::error::EngineError;

/// Lists of one chunk.
#[derive(Debug)]
pub(super) struct ListChunk {
    kind: Kind,
    ends: Vec<usize>,
    nulls: NullBufferBuilder,
    parts: Vec<StringBuilder>,
    items: usize,
}

impl ListChunk {
    pub(super) fn new(kind: Kind) -> Self {
        let parts = match item_type(kind) {
            DataType::Struct(fields) => fields.len(),
            _ => 1,
        };
        Self {
            kind,
            ends: vec![0],
            nulls: NullBufferBuilder::new(0),
            parts: (0..parts).map(|_| StringBuilder::with_capacity(0, 0)).collect(),
            items: 0,
        }
    }

    /// Adds a list; `split` names the parts of an item.
    pub(super) fn push<'a, T, const N: usize>(&mut self, items: &'a [T], split: impl Fn(&'a T) -> [&'a str; N]) {
        for item in items {
            for (builder, part) in self.parts.iter_mut().zip(split(item)) {
                builder.append_value(part);
            }
        }
        self.items += items.len();
        self.ends.push(self.items);
        self.nulls.append_non_null();
    }

    pub(super) fn push_blank(&mut self) {
        self.ends.push(self.items);
        self.nulls.append_null();
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, EngineError> {
        let ends: Result<Vec<i32>, _> = self.ends.iter().map(|end| i32::try_from(*end)).collect();
        let ends = ends.map_err(|_| EngineError::plan("more than 2^31 list items in one chunk"))?;
        let values: ArrayRef = match item_type(self.kind) {
            DataType::Struct(fields) => {
                let parts = self.parts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef).collect();
                Arc::new(StructArray::try_new_with_length(fields, parts, None, self.items)?)
            }
            _ => match self.parts.first_mut() {
                Some(texts) => Arc::new(texts.finish()),
                None => return Err(EngineError::plan("a list without parts")),
            },
        };
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(ListArray::try_new(list_item(self.kind), offsets, values, self.nulls.finish())?))
    }
}

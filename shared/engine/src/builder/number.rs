//! A chunk of numbers: mantissas at the largest scale seen so far in the chunk.

use arrow_array::ArrayRef;
use arrow_buffer::NullBufferBuilder;
use model::decimal::Decimal;

use crate::number::{Clash, make, widen};

/// Numbers of one chunk.
#[derive(Debug)]
pub(super) struct NumberChunk {
    mantissas: Vec<i128>,
    nulls: NullBufferBuilder,
    scale: u32,
}

impl Default for NumberChunk {
    fn default() -> Self {
        Self { mantissas: Vec::new(), nulls: NullBufferBuilder::new(0), scale: 0 }
    }
}

impl NumberChunk {
    /// Adds a number; `None`, and nothing changed, where it does not fit beside the others.
    fn add(&mut self, number: Decimal) -> Option<()> {
        let mantissa = match number.mantissa_at(self.scale) {
            Some(mantissa) => mantissa,
            None if number.scale() > self.scale => {
                self.rescale(number.scale())?;
                number.mantissa()
            }
            None => return None,
        };
        self.mantissas.push(mantissa);
        self.nulls.append_non_null();
        Some(())
    }

    /// Adds a number; where it does not fit beside the others, nothing changes.
    pub(super) fn push(&mut self, number: Decimal) -> Result<(), Box<Clash>> {
        self.add(number).ok_or_else(|| {
            let row = self.mantissas.len();
            // Blanks are zeros here, which are neither long nor fine.
            let others = Clash::of(self.mantissas.iter().copied().map(Some), self.scale);
            Box::new(others.unwrap_or_default().with(row, number))
        })
    }

    pub(super) fn push_blank(&mut self) {
        self.mantissas.push(0);
        self.nulls.append_null();
    }

    fn rescale(&mut self, scale: u32) -> Option<()> {
        let up = scale - self.scale;
        if self.mantissas.iter().any(|m| widen(*m, up).is_none()) {
            return None;
        }
        for mantissa in &mut self.mantissas {
            *mantissa = widen(*mantissa, up)?;
        }
        self.scale = scale;
        Some(())
    }

    pub(super) fn finish(mut self) -> ArrayRef {
        make(self.mantissas, self.nulls.finish(), self.scale)
    }
}

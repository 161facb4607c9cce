//! Joining two inputs by equal keys.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Which unmatched rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// None
    Inner,
    /// The left ones
    Left,
    /// The right ones
    Right,
    /// Both
    Full,
}

/// A join of two inputs. Rows keep the left order, then the right order; unmatched right rows come last.
/// Blank keys match nothing. Keys are compared by value: 1 equals 1.0, text exactly.
#[derive(Clone, Debug)]
pub struct Join {
    /// Which rows stay without a partner.
    pub kind: JoinKind,
    /// Pairs of column indices (left, right), of one kind each.
    pub keys: Vec<(usize, usize)>,
    /// Where each column of the result comes from.
    pub output: Vec<JoinColumn>,
}

/// A column of a join's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinColumn {
    /// Column of the left input
    Left(usize),
    /// Column of the right input
    Right(usize),
}

impl Operation for Join {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        let (mut left, mut right): (Columns, Columns) = self.keys.iter().copied().unzip();
        for column in used {
            match self.output[*column] {
                JoinColumn::Left(c) => left.insert(c),
                JoinColumn::Right(c) => right.insert(c),
            };
        }
        vec![left, right]
    }

    fn kept(&self, used: &Columns, _: &Widths, _: &[usize]) -> Vec<usize> {
        used.iter().copied().collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        let (left, right) = (&numbers.inputs[0], &numbers.inputs[1]);
        self.keys.iter_mut().for_each(|(l, r)| (*l, *r) = (left[*l], right[*r]));
        let place = |c: &JoinColumn| match *c {
            JoinColumn::Left(c) => JoinColumn::Left(left[c]),
            JoinColumn::Right(c) => JoinColumn::Right(right[c]),
        };
        self.output = numbers.kept.iter().map(|c| place(&self.output[*c])).collect();
    }

    /// Where each row of one side has at most one partner; keys that repeat on both sides yield more, and only the rows tell.
    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        match self.kind {
            JoinKind::Inner => inputs.iter().max().copied(),
            JoinKind::Left | JoinKind::Right | JoinKind::Full => Some(inputs.iter().sum()),
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let kind = match self.kind {
            JoinKind::Inner => "inner",
            JoinKind::Left => "left",
            JoinKind::Right => "right",
            JoinKind::Full => "full",
        };
        let keys = self.keys.iter().map(|(l, r)| format!("{} = {}", names.input(0, *l), names.input(1, *r)));
        writeln!(f, "    {kind} join on {}", keys.collect::<Vec<_>>().join(", "))?;
        for (column, place) in names.node.columns.iter().zip(&self.output) {
            let (side, name) = match place {
                JoinColumn::Left(c) => ("left", names.input(0, *c)),
                JoinColumn::Right(c) => ("right", names.input(1, *c)),
            };
            if name != column.name {
                writeln!(f, "    {} is {side} {name}", column.name)?;
            }
        }
        Ok(())
    }
}

//! What is known of the arguments of a call before any row is seen: their kinds, and the values of those that are written out.

use model::field::Kind;
use model::value::Value;

use super::super::code::Code;
use super::Static;

/// The arguments of a call, as the check of a formula knows them.
pub(in super::super) struct Known<'a> {
    pub kinds: &'a [Static],
    pub codes: &'a [Code],
}

/// What is wrong with an argument that is written out.
pub(in super::super) struct Flaw {
    /// Which argument, from 0.
    pub argument: usize,
    pub ja: String,
    pub en: String,
}

impl Known<'_> {
    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// The kind of an argument; blank where it is not there.
    pub fn at(&self, argument: usize) -> Static {
        self.kinds.get(argument).copied().unwrap_or(Static::Blank)
    }

    /// The kinds of all arguments.
    pub fn iter(&self) -> impl Iterator<Item = Static> {
        self.kinds.iter().copied()
    }

    /// The value of an argument that is written out.
    pub fn constant(&self, argument: usize) -> Option<&Value> {
        match self.codes.get(argument) {
            Some(Code::Constant(value)) => Some(value),
            _ => None,
        }
    }

    /// The kind of the elements that [`super::Call::each`] hands on.
    pub fn element(&self, argument: usize) -> Static {
        match self.codes.get(argument) {
            Some(Code::TableColumn(column)) => column.kind.map_or(Static::Unknown, Static::Is),
            _ => match self.at(argument) {
                Static::Is(Kind::Texts | Kind::Entities | Kind::Files) => Static::Is(Kind::Text),
                other => other,
            },
        }
    }
}

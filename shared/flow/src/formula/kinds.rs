//! What is known of a value's kind before any row is seen, and what cannot work whatever the row holds.

use model::field::Kind;

use super::ast::BinaryOp;

/// The kind of a part of a formula, as far as it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Static {
    /// Always blank: fits every kind.
    Blank,
    /// This kind, or blank, or an error.
    Is(Kind),
    /// It depends on the row.
    Unknown,
}

impl Static {
    /// The kind of a value that comes from one or the other.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Blank, x) | (x, Self::Blank) => x,
            (a, b) if a == b => a,
            _ => Self::Unknown,
        }
    }

    /// The common kind of all; blank for none.
    pub fn common(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::Blank, Self::or)
    }

    /// The kind, where it is certain and not blank.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Is(kind) => Some(kind),
            Self::Blank | Self::Unknown => None,
        }
    }

    /// A date, a time or an instant for certain (or blank).
    pub fn is_moment(self) -> bool {
        matches!(self, Self::Is(Kind::Date | Kind::Time | Kind::Datetime))
    }

    /// Its name in messages, Japanese and English.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Blank => ("空白", "a blank"),
            Self::Unknown => ("値", "a value"),
            Self::Is(Kind::Text) => ("文字列", "a text"),
            Self::Is(Kind::Number) => ("数値", "a number"),
            Self::Is(Kind::Bool) => ("真偽値", "a truth value"),
            Self::Is(Kind::Date) => ("日付", "a date"),
            Self::Is(Kind::Time) => ("時刻", "a time"),
            Self::Is(Kind::Datetime) => ("日時", "a date and time"),
            Self::Is(Kind::Texts) => ("選択肢のリスト", "a list of options"),
            Self::Is(Kind::Entities) => ("ユーザー・組織・グループ", "a list of users or the like"),
            Self::Is(Kind::Files) => ("添付ファイル", "attached files"),
            Self::Is(Kind::Rows) => ("テーブル", "a table"),
        }
    }

    /// What arithmetic takes it for: texts and truth values are numbers there.
    fn operand(self) -> Self {
        match self {
            Self::Is(Kind::Text | Kind::Bool) => Self::Is(Kind::Number),
            other => other,
        }
    }

    /// Nothing that arithmetic could use.
    fn never_amount(self) -> bool {
        matches!(self, Self::Is(Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows))
    }

    /// A day or an instant: it can be shifted and subtracted, and nothing else.
    fn is_point(self) -> bool {
        matches!(self, Self::Is(Kind::Date | Kind::Datetime))
    }
}

/// The kind of `left op right`, or None where it can only be an error.
pub(super) fn binary(op: BinaryOp, left: Static, right: Static) -> Option<Static> {
    use BinaryOp as B;
    let rows = Static::Is(Kind::Rows);
    match op {
        B::Equal | B::NotEqual | B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual => {
            (left != rows && right != rows).then_some(Static::Is(Kind::Bool))
        }
        B::Concat => (left != rows && right != rows).then_some(Static::Is(Kind::Text)),
        _ if left.never_amount() || right.never_amount() => None,
        B::Add => sum(left.operand(), right.operand()),
        B::Subtract => difference(left.operand(), right.operand()),
        B::Multiply | B::Divide | B::Power => {
            (!left.is_point() && !right.is_point()).then_some(Static::Is(Kind::Number))
        }
    }
}

/// The kind of a signed value or a percentage, or None where it can only be an error.
pub(super) fn scaled(part: Static) -> Option<Static> {
    (!part.is_point() && !part.never_amount()).then_some(Static::Is(Kind::Number))
}

fn sum(left: Static, right: Static) -> Option<Static> {
    use Kind::{Date, Datetime, Number, Time};
    Some(match (left, right) {
        (Static::Blank, Static::Blank) => Static::Is(Number),
        (Static::Blank, x) | (x, Static::Blank) => x,
        (Static::Is(a), Static::Is(b)) => Static::Is(match (a, b) {
            (Number, Number) => Number,
            (Date, Number) | (Number, Date) => Date,
            (Time, Time | Number) | (Number, Time) => Time,
            (Date, Time) | (Time, Date) | (Datetime, Number | Time) | (Number | Time, Datetime) => Datetime,
            _ => return None,
        }),
        _ => Static::Unknown,
    })
}

fn difference(left: Static, right: Static) -> Option<Static> {
    use Kind::{Date, Datetime, Number, Time};
    Some(match (left, right) {
        (Static::Blank, Static::Blank) => Static::Is(Number),
        (x, Static::Blank) => x,
        (Static::Blank, x) if x.is_moment() => return None,
        (Static::Blank, x) => x,
        (Static::Is(a), Static::Is(b)) => Static::Is(match (a, b) {
            (Number, Number) | (Date | Datetime, Date | Datetime) | (Time, Time) => Number,
            (Date, Number) => Date,
            (Time, Number) => Time,
            (Date, Time) | (Datetime, Number | Time) => Datetime,
            _ => return None,
        }),
        _ => Static::Unknown,
    })
}

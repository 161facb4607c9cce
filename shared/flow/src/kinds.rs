//! Kinds of values: their names for people, and which converts into which.

use model::field::Kind;

use crate::plan::{Column, Nature};
use crate::problem::{Problem, Words, words};

/// The kind's name for people.
pub fn kind_words(kind: Kind) -> Words {
    match kind {
        Kind::Text => words("文字列", "text"),
        Kind::Number => words("数値", "number"),
        Kind::Bool => words("真偽値", "truth value"),
        Kind::Date => words("日付", "date"),
        Kind::Time => words("時刻", "time"),
        Kind::Datetime => words("日時", "datetime"),
        Kind::Texts => words("複数の選択肢", "list of texts"),
        Kind::Entities => words("ユーザー・組織・グループ", "users, organisations or groups"),
        Kind::Files => words("添付ファイル", "files"),
        Kind::Rows => words("テーブル", "table"),
    }
}

/// The kind's name in plans and example tables.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Number => "number",
        Kind::Bool => "bool",
        Kind::Date => "date",
        Kind::Time => "time",
        Kind::Datetime => "datetime",
        Kind::Texts => "texts",
        Kind::Entities => "entities",
        Kind::Files => "files",
        Kind::Rows => "rows",
    }
}

/// The kind of this name.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    use Kind as K;
    [K::Text, K::Number, K::Bool, K::Date, K::Time, K::Datetime, K::Texts, K::Entities, K::Files, K::Rows]
        .into_iter()
        .find(|k| kind_name(*k) == name)
}

/// True for kinds of one simple value: those that compare, group and join.
pub fn is_scalar(kind: Kind) -> bool {
    !matches!(kind, Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows)
}

/// True for kinds that have an order: `<` means something.
pub fn is_ordered(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::Date | Kind::Time | Kind::Datetime)
}

/// How a value of one kind becomes a value of another when it is written to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// One kind: nothing to do.
    Same,
    /// Every value converts.
    Always,
    /// Some values may not; each that does not is counted (or fails in `strict`).
    PerValue,
    /// No value does: refused when the flow is checked.
    Never,
}

/// How values of `from` become values of `to`.
///
/// A datetime becomes a date or a time in the flow's zone; a date becomes its midnight there.
pub fn conversion(from: Kind, to: Kind) -> Conversion {
    use Kind as K;
    match (from, to) {
        (a, b) if a == b => Conversion::Same,
        (K::Number | K::Bool | K::Date | K::Time | K::Datetime, K::Text) => Conversion::Always,
        (K::Datetime, K::Date | K::Time) | (K::Date, K::Datetime) => Conversion::Always,
        (K::Text, K::Number | K::Date | K::Time | K::Datetime) => Conversion::PerValue,
        _ => Conversion::Never,
    }
}

/// The problem with a column of users, organisations or groups that is to become another of the three.
pub(crate) fn other_entities(column: &Column, wanted: &Column) -> Option<Problem> {
    if !column.nature.excludes(wanted.nature) {
        return None;
    }
    let (is, to) = (nature_words(column.nature), nature_words(wanted.nature));
    Some(Problem::new(
        "other_entities",
        format!(
            "列「{}」は{}なので、{}にはなりません。コードが同じなら、先に set_field_type で text にしてください。",
            column.name, is.ja, to.ja
        ),
        format!(
            "The column \"{}\" holds {}, which do not become {}; where their codes are the same, turn it into text first (set_field_type).",
            column.name, is.en, to.en
        ),
    ))
}

fn nature_words(nature: Nature) -> Words {
    match nature {
        Nature::Users => words("ユーザー", "users"),
        Nature::Organizations => words("組織", "organisations"),
        Nature::Groups => words("グループ", "groups"),
        Nature::RecordNumber => words("レコード番号", "record numbers"),
        Nature::Plain => words("値", "values"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for name in ["text", "number", "bool", "date", "time", "datetime", "texts", "entities", "files", "rows"] {
            assert_eq!(kind_of_name(name).map(kind_name), Some(name));
        }
        assert_eq!(kind_of_name("Text"), None);
    }

    #[test]
    fn conversions_that_lose_meaning_are_never() {
        assert_eq!(conversion(Kind::Number, Kind::Date), Conversion::Never);
        assert_eq!(conversion(Kind::Rows, Kind::Text), Conversion::Never);
        assert_eq!(conversion(Kind::Text, Kind::Number), Conversion::PerValue);
        assert_eq!(conversion(Kind::Number, Kind::Text), Conversion::Always);
    }
}

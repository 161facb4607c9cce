//! The table of functions. One entry per function: name, arity, kind of its result, what it is for, examples (which are its
//! tests and its documentation) and body. One file per group.

mod aggregate;
mod date;
mod date_span;
mod info;
mod logic;
mod number;
mod text;
mod text_search;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;
use unicode_normalization::UnicodeNormalization;

use super::ErrorValue;
use super::calendar;
use super::code::Code;
use super::convert;
use super::eval::{Outcome, Scope};
pub use super::kinds::Static;

/// What a function returns.
type Return = Result<Value, ErrorValue>;
/// Computes a function from its arguments, which it evaluates itself: what it does not ask for is not computed.
pub(super) type Body = fn(&Call<'_>) -> Return;

/// A function of formulas.
pub struct Function {
    /// Its name, in capitals.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments; None for any number.
    pub max: Option<usize>,
    /// Arguments come in twos.
    pub pairs: bool,
    /// What it does, in Japanese.
    pub ja: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// Formula and result. They are run as tests with now = 2026-01-31T15:04:05+09:00 in Asia/Tokyo.
    pub examples: &'static [(&'static str, &'static str)],
    pub(super) kind: fn(&[Static]) -> Static,
    pub(super) body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An entry with nothing but its name, arity and body; the methods below fill the rest.
const fn function(name: &'static str, min: usize, max: Option<usize>, body: Body) -> Function {
    Function { name, aliases: &[], min, max, pairs: false, ja: "", en: "", examples: &[], kind: unknown, body }
}

impl Function {
    const fn kind(mut self, kind: fn(&[Static]) -> Static) -> Self {
        self.kind = kind;
        self
    }

    const fn about(mut self, ja: &'static str, en: &'static str) -> Self {
        self.ja = ja;
        self.en = en;
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn pairs(mut self) -> Self {
        self.pairs = true;
        self
    }

    const fn examples(mut self, examples: &'static [(&'static str, &'static str)]) -> Self {
        self.examples = examples;
        self
    }

    /// Whether it takes this many arguments.
    pub fn accepts(&self, count: usize) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max) && (!self.pairs || count.is_multiple_of(2))
    }
}

// Kinds of results, for the table.

fn unknown(_: &[Static]) -> Static {
    Static::Unknown
}
fn number_kind(_: &[Static]) -> Static {
    Static::Is(Kind::Number)
}
fn text_kind(_: &[Static]) -> Static {
    Static::Is(Kind::Text)
}
fn bool_kind(_: &[Static]) -> Static {
    Static::Is(Kind::Bool)
}
fn date_kind(_: &[Static]) -> Static {
    Static::Is(Kind::Date)
}

/// Functions of one subject.
pub struct Group {
    /// The subject, in Japanese.
    pub ja: &'static str,
    /// The subject, in English.
    pub en: &'static str,
    /// The functions.
    pub functions: &'static [Function],
}

/// All groups, in the order of the documentation.
pub static GROUPS: [Group; 8] = [
    Group { ja: "条件", en: "Conditions", functions: logic::FUNCTIONS },
    Group { ja: "値の種類", en: "Kinds of values", functions: info::FUNCTIONS },
    Group { ja: "日付と時刻", en: "Dates and times", functions: date::FUNCTIONS },
    Group { ja: "期間", en: "Spans of dates", functions: date_span::FUNCTIONS },
    Group { ja: "文字列", en: "Texts", functions: text::FUNCTIONS },
    Group { ja: "検索と置換", en: "Finding and replacing", functions: text_search::FUNCTIONS },
    Group { ja: "数値", en: "Numbers", functions: number::FUNCTIONS },
    Group { ja: "集計", en: "Aggregates", functions: aggregate::FUNCTIONS },
];

/// All functions, in the order of their groups.
pub fn all() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().flat_map(|group| group.functions)
}

/// All names, aliases too.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()))
}

/// The function of this name, in any case and width.
pub fn find(name: &str) -> Option<&'static Function> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
        all()
            .flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()).map(move |name| (name, f)))
            .collect()
    });
    let folded: String = name.nfkc().flat_map(char::to_uppercase).collect();
    BY_NAME.get(folded.as_str()).copied()
}

/// The arguments of a call, not yet computed.
pub(super) struct Call<'a> {
    pub args: &'a [Code],
    pub scope: Scope<'a>,
}

impl<'a> Call<'a> {
    fn len(&self) -> usize {
        self.args.len()
    }

    fn zone(&self) -> &'a TimeZone {
        self.scope.ctx.zone
    }

    /// The value of an argument; one that is not there is blank.
    fn value(&self, at: usize) -> Outcome<'a> {
        self.args.get(at).map_or(Ok(Cow::Owned(Value::Blank)), |code| self.scope.eval(code))
    }

    fn owned(&self, at: usize) -> Return {
        self.value(at).map(Cow::into_owned)
    }

    fn number(&self, at: usize) -> Result<Decimal, ErrorValue> {
        convert::number(&*self.value(at)?)
    }

    /// An argument as a whole number, its fraction dropped.
    fn whole(&self, at: usize) -> Result<i64, ErrorValue> {
        self.number(at)?.trunc().to_i64().ok_or(ErrorValue::Num)
    }

    /// The same, or `default` where the argument is not there.
    fn whole_or(&self, at: usize, default: i64) -> Result<i64, ErrorValue> {
        if at < self.len() { self.whole(at) } else { Ok(default) }
    }

    fn truth(&self, at: usize) -> Result<bool, ErrorValue> {
        convert::truth(&*self.value(at)?)
    }

    fn text(&self, at: usize) -> Result<String, ErrorValue> {
        Ok(match self.value(at)? {
            Cow::Owned(Value::Text(text)) => text,
            other => convert::text(&other, self.zone())?.into_owned(),
        })
    }

    /// An argument as a day: a date, the local day of an instant, or a text that reads as either. None for blank.
    fn day(&self, at: usize) -> Result<Option<i32>, ErrorValue> {
        Ok(Some(match &*self.value(at)? {
            Value::Blank => return Ok(None),
            Value::Date(day) => *day,
            Value::Datetime(instant) => calendar::local(*instant, self.zone())?.0,
            Value::Text(text) => match calendar::parse_date(text) {
                Some(day) => day,
                None => {
                    let instant = calendar::parse_instant(text, self.zone()).ok_or(ErrorValue::Value)?;
                    calendar::local(instant, self.zone())?.0
                }
            },
            _ => return Err(ErrorValue::Value),
        }))
    }
}

//! The table of functions. One entry per function: name, arity, kind of its result, what it is for, examples (which are its
//! tests and its documentation) and body. One file per group.

mod aggregate;
mod call;
mod conditional;
mod date;
mod date_basis;
mod date_span;
mod fiscal;
mod info;
mod japanese_date;
mod known;
mod left_out;
mod list;
mod logic;
mod number;
mod number_theory;
mod radix;
mod random;
mod regex;
mod rounding;
mod statistics;
mod text;
mod text_between;
mod text_codes;
mod text_number;
mod text_search;
mod width;
mod workday;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use model::field::Kind;
use model::value::Value;
use unicode_normalization::UnicodeNormalization;

use super::ErrorValue;
pub(super) use call::Call;
pub(super) use known::{Flaw, Known};
pub use left_out::{LEFT_OUT, left_out};

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
    /// Where arguments come in twos: how many stand in front of the pairs.
    pub pairs: Option<usize>,
    /// Its arguments: `name: type`, what may be left out in brackets, `…` where the last one (or the last pair) may come again.
    /// The types are `number`, `text`, `truth`, `date` (also an instant, a text that reads as a date, Excel's number of one),
    /// `time`, `list` (also a column of a table, or one value), `table` and `any`. Values are converted by the rules of [`super`].
    pub takes: &'static str,
    /// What it does, in Japanese.
    pub ja: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// Formula and result. They are run as tests with now = 2026-01-31T15:04:05+09:00 in Asia/Tokyo.
    pub examples: &'static [(&'static str, &'static str)],
    pub(super) kind: fn(&Known<'_>) -> Static,
    /// Looks at arguments that are written out for what can never work.
    pub(super) verify: Option<fn(&Known<'_>) -> Option<Flaw>>,
    pub(super) body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An entry with nothing but its name, arity and body; the methods below fill the rest.
const fn function(name: &'static str, min: usize, max: Option<usize>, body: Body) -> Function {
    Function {
        name,
        aliases: &[],
        min,
        max,
        pairs: None,
        takes: "",
        ja: "",
        en: "",
        examples: &[],
        kind: unknown,
        verify: None,
        body,
    }
}

impl Function {
    const fn kind(mut self, kind: fn(&Known<'_>) -> Static) -> Self {
        self.kind = kind;
        self
    }

    /// Kept with the feature `reference`, as are `takes` and `examples`: a worker does not need them.
    const fn about(mut self, ja: &'static str, en: &'static str) -> Self {
        if cfg!(feature = "reference") {
            self.ja = ja;
            self.en = en;
        }
        self
    }

    const fn takes(mut self, takes: &'static str) -> Self {
        if cfg!(feature = "reference") {
            self.takes = takes;
        }
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn verify(mut self, verify: fn(&Known<'_>) -> Option<Flaw>) -> Self {
        self.verify = Some(verify);
        self
    }

    const fn pairs(mut self, in_front: usize) -> Self {
        self.pairs = Some(in_front);
        self
    }

    const fn examples(mut self, examples: &'static [(&'static str, &'static str)]) -> Self {
        if cfg!(feature = "reference") {
            self.examples = examples;
        }
        self
    }

    /// The kind of what it yields, where that does not hang on its arguments.
    pub fn result(&self) -> Option<Kind> {
        (self.kind)(&Known { kinds: &vec![Static::Unknown; self.min], codes: &[] }).kind()
    }

    /// Whether a whole table can be its argument of this number, from 0.
    pub(super) fn takes_table(&self, argument: usize) -> bool {
        let types = self.takes.split(", ").filter_map(|part| part.trim_matches(['[', ']']).split_once(": "));
        // Arguments beyond the described ones are of the last type.
        let mut types = types.map(|(_, kind)| matches!(kind, "table" | "any"));
        let mut last = false;
        (0..=argument).map_while(|_| types.next()).for_each(|takes| last = takes);
        last
    }

    /// Whether it takes this many arguments.
    pub fn accepts(&self, count: usize) -> bool {
        count >= self.min
            && self.max.is_none_or(|max| count <= max)
            && self.pairs.is_none_or(|in_front| count >= in_front && (count - in_front).is_multiple_of(2))
    }
}

// Kinds of results, for the table.

fn unknown(_: &Known<'_>) -> Static {
    Static::Unknown
}
fn number_kind(_: &Known<'_>) -> Static {
    Static::Is(Kind::Number)
}
fn text_kind(_: &Known<'_>) -> Static {
    Static::Is(Kind::Text)
}
fn bool_kind(_: &Known<'_>) -> Static {
    Static::Is(Kind::Bool)
}
fn texts_kind(_: &Known<'_>) -> Static {
    Static::Is(Kind::Texts)
}
fn date_kind(_: &Known<'_>) -> Static {
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
pub static GROUPS: &[Group] = &[
    Group { ja: "条件", en: "Conditions", functions: logic::FUNCTIONS },
    Group { ja: "値の種類", en: "Kinds of values", functions: info::FUNCTIONS },
    Group { ja: "日付と時刻", en: "Dates and times", functions: date::FUNCTIONS },
    Group { ja: "期間", en: "Spans of dates", functions: date_span::FUNCTIONS },
    Group { ja: "年の割合", en: "Parts of years", functions: date_basis::FUNCTIONS },
    Group { ja: "営業日", en: "Business days", functions: workday::FUNCTIONS },
    Group { ja: "年度と締め日", en: "Fiscal years and closing days", functions: fiscal::FUNCTIONS },
    Group { ja: "和暦", en: "Japanese eras", functions: japanese_date::FUNCTIONS },
    Group { ja: "文字列", en: "Texts", functions: text::FUNCTIONS },
    Group { ja: "検索と置換", en: "Finding and replacing", functions: text_search::FUNCTIONS },
    Group { ja: "区切りの前と後", en: "In front of and behind separators", functions: text_between::FUNCTIONS },
    Group { ja: "文字とコード", en: "Characters and codes", functions: text_codes::FUNCTIONS },
    Group { ja: "全角と半角、かな、バイト", en: "Width, kana and bytes", functions: width::FUNCTIONS },
    Group { ja: "数値と文字列", en: "Numbers and texts", functions: text_number::FUNCTIONS },
    Group { ja: "正規表現", en: "Regular expressions", functions: regex::FUNCTIONS },
    Group { ja: "数値", en: "Numbers", functions: number::FUNCTIONS },
    Group { ja: "丸め", en: "Rounding", functions: rounding::FUNCTIONS },
    Group { ja: "整数と組み合わせ", en: "Whole numbers and combinations", functions: number_theory::FUNCTIONS },
    Group { ja: "進数", en: "Bases", functions: radix::FUNCTIONS },
    Group { ja: "乱数", en: "Random numbers", functions: random::FUNCTIONS },
    Group { ja: "集計", en: "Aggregates", functions: aggregate::FUNCTIONS },
    Group { ja: "条件つきの集計", en: "Aggregates with conditions", functions: conditional::FUNCTIONS },
    Group { ja: "統計", en: "Statistics", functions: statistics::FUNCTIONS },
    Group { ja: "リスト、テーブル、ユーザー", en: "Lists, tables and users", functions: list::FUNCTIONS },
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
    BY_NAME.get(capitals(name).as_str()).copied()
}

/// A name in capitals and half width.
fn capitals(name: &str) -> String {
    name.nfkc().flat_map(char::to_uppercase).collect()
}

//! One check as it is written: its name, its settings, and which settings belong to which check.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::conditions::OperatorName;
use crate::located::{At, OneOrMany};

/// One check, as written. Which settings belong to which check is said by [`ALLOWED`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckSettings {
    pub check: At<Name>,
    #[serde(default)]
    pub field: Option<At<String>>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub operator: Option<At<OperatorName>>,
    #[serde(default)]
    pub value: Option<OneOrMany>,
    #[serde(default)]
    pub with: Option<At<String>>,
    #[serde(default)]
    pub formula: Option<At<String>>,
    #[serde(default)]
    pub relative: Option<At<Relative>>,
    #[serde(default)]
    pub min: Option<OneOrMany>,
    #[serde(default)]
    pub min_formula: Option<At<String>>,
    #[serde(default)]
    pub max: Option<OneOrMany>,
    #[serde(default)]
    pub max_formula: Option<At<String>>,
    #[serde(default)]
    pub pattern: Option<At<String>>,
    #[serde(default)]
    pub app: Option<At<u64>>,
    #[serde(default)]
    pub r#in: Option<At<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Name {
    Required,
    Compare,
    Range,
    Format,
    Exists,
    Option,
    User,
    Organization,
    Group,
    Formula,
    Records,
}

/// A day counted from today.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Relative {
    #[serde(default)]
    pub days: i32,
    #[serde(default)]
    pub weeks: i32,
    #[serde(default)]
    pub months: i32,
    #[serde(default)]
    pub years: i32,
}

/// The settings of each check beside `check` and `message`: those it needs, and those it may have.
pub(super) const ALLOWED: [(Name, &[&str], &[&str]); 11] = [
    (Name::Required, &["field"], &[]),
    (Name::Compare, &["field", "operator"], &["value", "with", "formula", "relative"]),
    (Name::Range, &["field"], &["min", "min_formula", "max", "max_formula"]),
    (Name::Format, &["field", "pattern"], &[]),
    (Name::Exists, &["field", "app", "in"], &[]),
    (Name::Option, &["field", "app", "in"], &[]),
    (Name::User, &["field"], &[]),
    (Name::Organization, &["field"], &[]),
    (Name::Group, &["field"], &[]),
    (Name::Formula, &["formula"], &["field"]),
    (Name::Records, &[], &["min", "max"]),
];

impl Name {
    pub fn text(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Compare => "compare",
            Self::Range => "range",
            Self::Format => "format",
            Self::Exists => "exists",
            Self::Option => "option",
            Self::User => "user",
            Self::Organization => "organization",
            Self::Group => "group",
            Self::Formula => "formula",
            Self::Records => "records",
        }
    }

    /// What is told where no message is written.
    pub fn message(self) -> &'static str {
        match self {
            Self::Required => "値がありません / no value",
            Self::Compare => "条件に合いません / the condition does not hold",
            Self::Range => "範囲の外です / out of range",
            Self::Format => "形式が違います / of another format",
            Self::Exists => "参照先のアプリにありません / not in the other app",
            Self::Option => "選択肢にありません / not among the options",
            Self::User => "ユーザーがいません / no such user",
            Self::Organization => "組織がありません / no such organisation",
            Self::Group => "グループがありません / no such group",
            Self::Formula => "式が成り立ちません / the formula does not hold",
            Self::Records => "レコードの件数が違います / another number of records",
        }
    }
}

//! Which settings a check has, and whether they belong together; nothing here knows columns.

use crate::check::formula_shape;
use crate::located::{At, OneOrMany};
use crate::plan::Operator;
use crate::problem::{Position, Problem};

use super::written::{ALLOWED, CheckSettings, Name};

impl CheckSettings {
    /// The app whose values are looked among.
    pub(super) fn app(&self) -> Option<u64> {
        self.app.as_ref().map(|app| app.value)
    }

    fn given(&self) -> [(&'static str, Option<Position>); 12] {
        let one = |v: &Option<OneOrMany>| v.as_ref().map(|v| v.0.first().map_or(self.check.position, |a| a.position));
        let text = |v: &Option<At<String>>| v.as_ref().map(|v| v.position);
        [
            ("field", text(&self.field)),
            ("operator", self.operator.as_ref().map(|o| o.position)),
            ("value", one(&self.value)),
            ("with", text(&self.with)),
            ("formula", text(&self.formula)),
            ("relative", self.relative.as_ref().map(|r| r.position)),
            ("min", one(&self.min)),
            ("min_formula", text(&self.min_formula)),
            ("max", one(&self.max)),
            ("max_formula", text(&self.max_formula)),
            ("pattern", text(&self.pattern)),
            ("app", self.app.as_ref().map(|a| a.position)),
        ]
    }

    /// Where its problems are told: `checks: field: check`.
    pub(super) fn setting(&self) -> String {
        let name = self.check.value.text();
        self.field.as_ref().map_or_else(|| format!("checks: {name}"), |f| format!("checks: {}: {name}", f.value))
    }

    /// Reports settings that the check lacks, or that belong to another.
    pub(super) fn shape(&self, problems: &mut Vec<Problem>) {
        let name = self.check.value;
        let (_, needed, may) = ALLOWED.iter().find(|(n, ..)| *n == name).unwrap_or(&ALLOWED[0]);
        let mut tell = |ja: String, en: String, position| {
            problems.push(Problem::new("check_settings", ja, en).in_setting(self.setting()).at(position));
        };
        let inside = self.r#in.as_ref().map(|i| i.position);
        let all: Vec<(&str, Option<Position>)> = self.given().into_iter().chain([("in", inside)]).collect();
        for (setting, position) in &all {
            match position {
                None if needed.contains(setting) => tell(
                    format!("チェック「{}」には「{setting}」が要ります。", name.text()),
                    format!("The check \"{}\" needs \"{setting}\".", name.text()),
                    self.check.position,
                ),
                Some(position) if !needed.contains(setting) && !may.contains(setting) => tell(
                    format!("チェック「{}」に「{setting}」は書けません。", name.text()),
                    format!("\"{setting}\" does not belong to the check \"{}\".", name.text()),
                    *position,
                ),
                _ => {}
            }
        }
        let count = |names: &[&str]| all.iter().filter(|(n, p)| names.contains(n) && p.is_some()).count();
        let blank = matches!(
            self.operator.as_ref().map(|o| Operator::from(o.value)),
            Some(Operator::Empty | Operator::NotEmpty)
        );
        if name == Name::Compare && count(&["value", "with", "formula", "relative"]) != usize::from(!blank) {
            tell(
                "比べる相手は「value」「with」「formula」「relative」のどれか一つです（is empty には要りません）。".into(),
                "A value is compared with one of \"value\", \"with\", \"formula\" and \"relative\" (\"is empty\" takes none).".into(),
                self.check.position,
            );
        }
        let (low, high) = (count(&["min", "min_formula"]), count(&["max", "max_formula"]));
        if name == Name::Range && (low > 1 || high > 1 || low + high == 0) {
            tell(
                "範囲には、下限（min か min_formula）と上限（max か max_formula）の少なくとも一方を書きます。".into(),
                "A range has a lower end (\"min\" or \"min_formula\"), an upper one (\"max\" or \"max_formula\"), or both.".into(),
                self.check.position,
            );
        }
        for formula in [&self.formula, &self.min_formula, &self.max_formula].into_iter().flatten() {
            formula_shape(formula, &self.setting(), problems);
        }
    }
}

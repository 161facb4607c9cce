//! Compares a file of answers with Suiro, case by case.

use std::fmt::Write as _;

use super::answer::Answer;
use super::differences::{self, Case, Difference};
use super::suiro::{Outcome, Suiro};
use super::tree;

/// A case that is not equal.
#[derive(Debug)]
pub struct Unequal {
    /// The formula.
    pub formula: String,
    /// What LibreOffice says.
    pub answer: Answer,
    /// What Suiro says.
    pub outcome: Outcome,
}

/// The outcome of a comparison.
pub struct Report {
    /// The first line of the file: which version, seed and settings.
    pub head: String,
    /// How many formulas.
    pub cases: usize,
    /// How many equal.
    pub equal: usize,
    /// Each entry of the table of differences, with the cases that it explains.
    pub intended: Vec<(&'static Difference, Vec<Unequal>)>,
    /// What no entry explains.
    pub unexplained: Vec<Unequal>,
}

impl Report {
    /// Computes every formula of a file of answers. Fails with the number of a line that is none.
    pub fn of(file: &str) -> Result<Self, usize> {
        let suiro = Suiro::default();
        let mut report = Self {
            head: String::new(),
            cases: 0,
            equal: 0,
            intended: differences::ALL.iter().map(|difference| (difference, Vec::new())).collect(),
            unexplained: Vec::new(),
        };
        for (at, line) in file.lines().enumerate() {
            if let Some(head) = line.strip_prefix("# ") {
                report.head = head.to_owned();
                continue;
            }
            let (formula, answer) = line.split_once('\t').ok_or(at + 1)?;
            let answer = Answer::parse(answer).ok_or(at + 1)?;
            report.add(&suiro, formula, answer);
        }
        Ok(report)
    }

    fn add(&mut self, suiro: &Suiro, formula: &str, answer: Answer) {
        self.cases += 1;
        let outcome = suiro.compute(formula);
        if answer.equals(&outcome) {
            self.equal += 1;
            return;
        }
        let entry = tree::parse(formula).and_then(|tree| {
            let case = Case { formula, tree: &tree, answer: &answer, outcome: &outcome, suiro };
            self.intended.iter().position(|(difference, _)| (difference.explains)(&case))
        });
        let unequal = Unequal { formula: formula.to_owned(), answer, outcome };
        match entry {
            Some(at) => self.intended[at].1.push(unequal),
            None => self.unexplained.push(unequal),
        }
    }

    /// Equal cases as a part of all.
    pub fn share(&self) -> f64 {
        self.equal as f64 / (self.cases.max(1)) as f64
    }

    /// What there is to say, with at most `show` cases that nothing explains, and as many that the named entry explains.
    pub fn text(&self, show: usize, explained: Option<&str>) -> String {
        let mut out =
            format!("{}\ncases {}, equal {} ({:.2} %)\n", self.head, self.cases, self.equal, self.share() * 100.0);
        for (difference, cases) in &self.intended {
            let _ = writeln!(out, "intended {:6}  {}: {}", cases.len(), difference.name, difference.reason);
            if explained == Some(difference.name) {
                cases.iter().take(show).for_each(|case| line(&mut out, case));
            }
        }
        let _ = writeln!(out, "unexplained {}", self.unexplained.len());
        self.unexplained.iter().take(show).for_each(|case| line(&mut out, case));
        out
    }

    /// The table of differences as it is kept: name, count, first case, reason.
    pub fn table(&self) -> String {
        let mut out =
            format!("# {}; cases {}, equal {}\n# name\tcases\texample\treason\n", self.head, self.cases, self.equal);
        for (difference, cases) in &self.intended {
            let example = cases.iter().min_by_key(|case| case.formula.len()).map_or("", |case| &case.formula);
            let _ = writeln!(out, "{}\t{}\t{example}\t{}", difference.name, cases.len(), difference.reason);
        }
        out
    }
}

fn line(out: &mut String, case: &Unequal) {
    let outcome = match &case.outcome {
        Outcome::Value(value) => format!("{value:?}"),
        Outcome::Error(error) => error.to_string(),
        Outcome::Refused(code) => format!("refused: {code}"),
    };
    let _ = writeln!(out, "    {}\n        LibreOffice {}, Suiro {outcome}", case.formula, case.answer);
}

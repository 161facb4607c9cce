//! Makes formulas: each function in turn, and operators between them, one to three calls deep.
//!
//! What is known to differ by design (see [`super::differences`]) is generated too, but seldom: most arguments are of the kind
//! that the function takes, and one in [`WRONG_KIND`] is of any kind.

use std::collections::HashSet;
use std::ops::Range;

use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::cells;
use super::leaves::{leaf, once_in, one_of, wrong_kind};
use super::shapes::{self, Shape, Slot};
use super::tree::{self, Node, Part};

/// One argument in so many is of a kind that the function does not take.
const WRONG_KIND: u32 = 240;
/// Of each round through the functions, so many formulas begin with an operator.
const OPERATORS: usize = 40;

/// Results of operators that formulas begin with.
const OPERATOR_RESULTS: [Slot; 8] =
    [Slot::Number, Slot::Number, Slot::Number, Slot::Truth, Slot::Truth, Slot::Text, Slot::Date, Slot::Moment];

/// A generator with a seed: the same seed makes the same formulas.
pub struct Generator {
    rng: StdRng,
    shapes: Vec<Shape>,
}

impl Generator {
    /// A generator that begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), shapes: shapes::all() }
    }

    /// So many formulas, no two the same.
    pub fn formulas(&mut self, count: usize) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut out = Vec::with_capacity(count);
        let names: Vec<&str> = self.shapes.iter().map(|s| s.name).collect::<HashSet<_>>().into_iter().collect();
        let mut names = names;
        names.sort_unstable();
        // Functions without arguments have one formula only, so a turn may fail to find a new one.
        for turn in 0.. {
            if out.len() >= count {
                break;
            }
            let depth = self.rng.random_range(0..=2);
            let formula = match names.get(turn % (names.len() + OPERATORS)) {
                Some(name) => self.function(name, depth),
                None => {
                    let result = OPERATOR_RESULTS[self.rng.random_range(0..OPERATOR_RESULTS.len())];
                    self.operator(result, depth + 1)
                }
            };
            if seen.insert(formula.clone()) {
                out.push(formula);
            }
        }
        out
    }

    /// A call of this function.
    fn function(&mut self, name: &str, depth: u32) -> String {
        let shapes: Vec<usize> =
            self.shapes.iter().enumerate().filter(|(_, shape)| shape.name == name).map(|(at, _)| at).collect();
        let at = shapes[self.rng.random_range(0..shapes.len())];
        self.call(at, depth)
    }

    fn call(&mut self, at: usize, depth: u32) -> String {
        let shape = self.shapes[at].clone();
        let mut args = Vec::new();
        for arg in &shape.args {
            if arg.optional && once_in(&mut self.rng, 3) {
                break;
            }
            let times = if arg.many { self.rng.random_range(1..=4) } else { 1 };
            for _ in 0..times {
                let wrong = arg.slot.may_be_wrong() && once_in(&mut self.rng, WRONG_KIND);
                args.push(if wrong { wrong_kind(&mut self.rng, arg.slot) } else { self.expression(arg.slot, depth) });
            }
        }
        format!("{}({})", shape.name, args.join(","))
    }

    /// An expression for a slot: a literal, a cell, a call or an operator.
    fn expression(&mut self, slot: Slot, depth: u32) -> String {
        let result = match slot {
            Slot::Any => {
                [Slot::Number, Slot::Text, Slot::Text, Slot::Any, Slot::Any, Slot::Any][self.rng.random_range(0..6)]
            }
            Slot::Number | Slot::Text | Slot::Date | Slot::Time | Slot::Moment | Slot::Truth => slot,
            _ => return leaf(&mut self.rng, slot),
        };
        if depth == 0 || once_in(&mut self.rng, 2) {
            return leaf(&mut self.rng, result);
        }
        if once_in(&mut self.rng, 3) && result != Slot::Time && result != Slot::Any {
            return self.operator(result, depth);
        }
        let fitting: Vec<usize> =
            self.shapes.iter().enumerate().filter(|(_, shape)| shape.gives == result).map(|(at, _)| at).collect();
        match fitting.get(self.rng.random_range(0..fitting.len().max(1))) {
            Some(at) => self.call(*at, depth - 1),
            None => leaf(&mut self.rng, result),
        }
    }

    /// An operand: in parentheses where it is an operation itself, or now and then without, for the operators' order.
    fn operand(&mut self, slot: Slot, depth: u32) -> String {
        let text = self.expression(slot, depth - 1);
        let simple = tree::parse(&text).is_some_and(|node| !matches!(node.part, Part::Operator(_)));
        if simple || once_in(&mut self.rng, 4) { text } else { format!("({text})") }
    }

    fn operator(&mut self, result: Slot, depth: u32) -> String {
        let sign = |rng: &mut StdRng, signs: &[&'static str]| one_of(rng, signs);
        match result {
            Slot::Truth => {
                let kinds = [Slot::Number, Slot::Number, Slot::Text, Slot::Date, Slot::Time];
                let kind = kinds[self.rng.random_range(0..kinds.len())];
                // The order of texts is another in each program and language: mostly equality.
                let signs: &[&str] = match kind {
                    Slot::Text if !once_in(&mut self.rng, 8) => &["=", "<>"],
                    _ => &["=", "<", ">", "<=", ">=", "<>"],
                };
                let (left, sign) = (self.operand(kind, depth), sign(&mut self.rng, signs));
                let mixed = once_in(&mut self.rng, 25);
                let right = self.operand(if mixed { Slot::Any } else { kind }, depth);
                format!("{left}{sign}{right}")
            }
            Slot::Text => {
                let (left, right) = (self.operand(Slot::Text, depth), self.operand(Slot::Any, depth));
                format!("{left}&{right}")
            }
            Slot::Date => {
                let sign = sign(&mut self.rng, &["+", "-"]);
                format!("{}{sign}{}", self.operand(Slot::Date, depth), leaf(&mut self.rng, Slot::Whole))
            }
            Slot::Moment => match self.rng.random_range(0..3) {
                0 => format!("{}+{}", leaf(&mut self.rng, Slot::Date), leaf(&mut self.rng, Slot::Time)),
                1 => format!("{}-{}", leaf(&mut self.rng, Slot::Moment), leaf(&mut self.rng, Slot::Time)),
                _ => format!(
                    "{}+{}",
                    leaf(&mut self.rng, Slot::Moment),
                    one_of(&mut self.rng, &["1", "0.5", "1/24", "7"])
                ),
            },
            _ => self.arithmetic(depth),
        }
    }

    fn arithmetic(&mut self, depth: u32) -> String {
        match self.rng.random_range(0..20) {
            0 => format!("-{}", self.operand(Slot::Number, depth)),
            1 => format!("{}%", self.operand(Slot::Number, depth)),
            2 | 3 => {
                let exponent = one_of(&mut self.rng, &["2", "3", "0", "-1", "0.5", "-2", "10%"]);
                format!("{}^{exponent}", leaf(&mut self.rng, Slot::Number))
            }
            4 => format!("-{}^{}", leaf(&mut self.rng, Slot::Positive), one_of(&mut self.rng, &["2", "3"])),
            5 => format!("{}-{}", self.operand(Slot::Date, depth), self.operand(Slot::Date, depth)),
            6 => {
                let by = one_of(&mut self.rng, &["24", "1440", "24*60"]);
                format!("({}-{})*{by}", leaf(&mut self.rng, Slot::Moment), leaf(&mut self.rng, Slot::Moment))
            }
            7 => format!("({}-{})*24", leaf(&mut self.rng, Slot::Time), leaf(&mut self.rng, Slot::Time)),
            8 => {
                let sign = one_of(&mut self.rng, &["+", "-", "*", "/"]);
                format!("{}{sign}{}", leaf(&mut self.rng, Slot::NumberText), self.operand(Slot::Number, depth))
            }
            9 => format!(
                "{}+{}",
                leaf(&mut self.rng, Slot::Truth).replace(['<', '=', '>'], "+"),
                self.operand(Slot::Number, depth)
            ),
            _ => {
                let sign = one_of(&mut self.rng, &["+", "-", "*", "/", "+", "-", "*"]);
                let left = self.operand(Slot::Number, depth);
                let right = if sign == "/" && !once_in(&mut self.rng, 3) { Slot::Divisor } else { Slot::Number };
                format!("{left}{sign}{}", self.operand(right, depth))
            }
        }
    }

    /// The lines that the script `libreoffice` reads: the table, then each formula as Suiro and as an Excel file writes it.
    pub fn lines(&mut self, count: usize) -> String {
        let mut out = String::new();
        for cell in cells::all() {
            let (kind, value) = cell.stored();
            out.push_str(&format!("cell\t{}\t{kind}\t{value}\n", cell.name));
        }
        for formula in self.formulas(count) {
            let stored = self.stored(&formula);
            out.push_str(&format!("formula\t{formula}\t{stored}\n"));
        }
        out
    }

    /// The formula with the names that an Excel file has, ranges for columns of the table, and inline arrays for lists.
    fn stored(&self, formula: &str) -> String {
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        if let Some(tree) = tree::parse(formula) {
            tree.walk(&mut |node| self.change(formula, node, &mut changes));
        }
        changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut out = formula.to_owned();
        for (span, text) in changes {
            out.replace_range(span, &text);
        }
        out
    }

    fn change(&self, formula: &str, node: &Node, changes: &mut Vec<(Range<usize>, String)>) {
        // What stands in parentheses has them in its span.
        let inside = formula[node.span.clone()].find(|c| c != '(').unwrap_or_default();
        let start = node.span.start + inside;
        match &node.part {
            Part::Call(name) if name == "LIST" => {
                changes.push((start..start + "LIST(".len(), "{".into()));
                changes.push((node.span.end - 1 - inside..node.span.end - inside, "}".into()));
                // One below the other, as in a column.
                let gaps = node.args.iter().zip(node.args.iter().skip(1));
                changes.extend(gaps.map(|(a, b)| (a.span.end..b.span.start, ";".into())));
            }
            Part::Call(name) => {
                if let Some(shape) = self.shapes.iter().find(|shape| shape.name == name) {
                    changes.push((start..start + name.len(), shape.stored.to_owned()));
                }
            }
            Part::Cell => {
                changes.extend(cells::range_of(&formula[node.span.clone()]).map(|range| (node.span.clone(), range)))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_formulas_again_and_the_tree_reads_all() {
        let formulas = Generator::new(7).formulas(3000);
        assert_eq!(formulas, Generator::new(7).formulas(3000));
        assert_ne!(formulas, Generator::new(8).formulas(3000));
        let unread: Vec<&String> = formulas.iter().filter(|formula| tree::parse(formula).is_none()).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn names_are_those_of_an_excel_file() {
        let generator = Generator::new(1);
        assert_eq!(generator.stored("1+(COUNTIF(LIST(1,-2),\">0\"))"), "1+(COUNTIF({1;-2},\">0\"))");
        assert_eq!(generator.stored("SUM(T[b],B1)"), "SUM(N1:N6,B1)");
        assert_eq!(generator.stored("IFNA((DAYS(F1,F2)),\"DAYS(\")"), "_xlfn.IFNA((_xlfn.DAYS(F1,F2)),\"DAYS(\")");
    }
}

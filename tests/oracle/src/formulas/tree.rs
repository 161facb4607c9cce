//! A formula's parts, for the predicates of the table of differences: what stands where, and the text of each part.
//!
//! It reads only what [`super::generate`] writes, by Excel's grammar; Suiro's own parser is what is under test.

use std::ops::Range;

/// A part of a formula and its place in the text.
#[derive(Clone, Debug)]
pub struct Node {
    /// Bytes of the formula.
    pub span: Range<usize>,
    /// What it is.
    pub part: Part,
    /// Operands or arguments.
    pub args: Vec<Node>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A number, a text, TRUE or FALSE
    Literal,
    /// A cell's name, or a column of the table
    Cell,
    /// An argument that was left out
    Missing,
    /// An operator; `-` with one operand is the sign, `%` has one
    Operator(&'static str),
    /// A function, in capitals
    Call(String),
}

impl Node {
    /// Calls `visit` for this part and all below it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        visit(self);
        self.args.iter().for_each(|arg| arg.walk(visit));
    }

    /// The name of the function or the sign of the operator; empty for anything else.
    pub fn name(&self) -> &str {
        match &self.part {
            Part::Call(name) => name,
            Part::Operator(sign) => sign,
            _ => "",
        }
    }
}

/// Operators between two operands by rising strength; longer signs before their beginnings.
const LEVELS: [&[&str]; 5] = [&["<=", ">=", "<>", "=", "<", ">"], &["&"], &["+", "-"], &["*", "/"], &["^"]];

/// Reads a formula; None where it is none.
pub fn parse(text: &str) -> Option<Node> {
    let mut parser = Parser { text, at: 0 };
    let node = parser.level(0)?;
    (parser.at == text.len()).then_some(node)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = self.text[self.at..].starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn level(&mut self, level: usize) -> Option<Node> {
        let Some(signs) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        while let Some(sign) = signs.iter().find(|sign| self.take(sign)) {
            let right = self.level(level + 1)?;
            let span = left.span.start..right.span.end;
            left = Node { span, part: Part::Operator(sign), args: vec![left, right] };
        }
        Some(left)
    }

    fn signed(&mut self) -> Option<Node> {
        let start = self.at;
        for sign in ["-", "+"] {
            if self.take(sign) {
                let inner = self.signed()?;
                return Some(Node { span: start..inner.span.end, part: Part::Operator(sign), args: vec![inner] });
            }
        }
        let mut node = self.primary()?;
        while self.take("%") {
            node = Node { span: node.span.start..self.at, part: Part::Operator("%"), args: vec![node] };
        }
        Some(node)
    }

    fn primary(&mut self) -> Option<Node> {
        let start = self.at;
        if self.take("(") {
            let inner = self.level(0)?;
            return if self.take(")") { Some(Node { span: start..self.at, ..inner }) } else { None };
        }
        if self.take("\"") {
            loop {
                self.at += self.text[self.at..].find('"')? + 1;
                if !self.take("\"") {
                    return Some(Node { span: start..self.at, part: Part::Literal, args: Vec::new() });
                }
            }
        }
        let rest = &self.text[start..];
        let number = number_length(rest);
        if number > 0 {
            self.at += number;
            return Some(Node { span: start..self.at, part: Part::Literal, args: Vec::new() });
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        if word.is_empty() {
            return None;
        }
        if self.take("(") {
            let args = self.arguments()?;
            return Some(Node { span: start..self.at, part: Part::Call(word.to_owned()), args });
        }
        // A column of a table: T[a]
        if self.text[self.at..].starts_with('[') {
            self.at += self.text[self.at..].find(']')? + 1;
        }
        let part = if word == "TRUE" || word == "FALSE" { Part::Literal } else { Part::Cell };
        Some(Node { span: start..self.at, part, args: Vec::new() })
    }

    /// Behind the opening parenthesis, up to and with the closing one.
    fn arguments(&mut self) -> Option<Vec<Node>> {
        let mut args = Vec::new();
        if self.take(")") {
            return Some(args);
        }
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with([',', ')']) {
                args.push(Node { span: self.at..self.at, part: Part::Missing, args: Vec::new() });
            } else {
                args.push(self.level(0)?);
            }
            if self.take(")") {
                return Some(args);
            }
            if !self.take(",") {
                return None;
            }
        }
    }
}

/// Bytes of the number at the start, `12`, `0.5` or `1E3`; 0 where there is none.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    if length == 0 {
        return 0;
    }
    if text[length..].starts_with('.') {
        length += 1 + digits(length + 1);
    }
    if text[length..].starts_with('E') {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        length += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With parentheses around every operation.
    fn shown(text: &str, node: &Node) -> String {
        let parts: Vec<String> = node.args.iter().map(|arg| shown(text, arg)).collect();
        match &node.part {
            Part::Operator("%") => format!("({}%)", parts[0]),
            Part::Operator(sign) if parts.len() == 1 => format!("({sign}{})", parts[0]),
            Part::Operator(sign) => format!("({})", parts.join(sign)),
            Part::Call(name) => format!("{name}({})", parts.join(",")),
            _ => text[node.span.clone()].to_owned(),
        }
    }

    #[test]
    fn grammar_is_excels() {
        for (formula, expected) in [
            ("1+2*3", "(1+(2*3))"),
            ("-2^2", "((-2)^2)"),
            ("2^-3%", "(2^(-(3%)))"),
            ("2^3^2", "((2^3)^2)"),
            ("1&2+3<=4&5", "((1&(2+3))<=(4&5))"),
            ("IF(A1>\"a\"\"b\",,TRUE)", "IF((A1>\"a\"\"b\"),,TRUE)"),
            ("(1+2)*1.5E3", "((1+2)*1.5E3)"),
            ("TODAY()", "TODAY()"),
            ("SUM(T[a],1)*2", "(SUM(T[a],1)*2)"),
        ] {
            assert_eq!(parse(formula).map(|node| shown(formula, &node)).as_deref(), Some(expected), "{formula}");
        }
        for bad in ["1+", "(1", "f(1", "\"a", ""] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}

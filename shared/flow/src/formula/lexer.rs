//! Source text to tokens. Full-width signs and digits count as their ASCII forms outside of texts and quoted names, because
//! formulas are typed with a Japanese input method switched on.

mod quoted;

use std::ops::Range;

use model::decimal::Decimal;

use super::ErrorValue;
use super::ast::BinaryOp;
use super::problem::FormulaProblem;

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub span: Range<usize>,
    pub kind: TokenKind,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Number(Decimal),
    Text(String),
    /// A name without quotes
    Word(String),
    /// A name in brackets or single quotes
    Quoted(String),
    /// `%field%` or `"%field%"`
    Parameter(String),
    /// `#N/A` and the like
    Error(ErrorValue),
    Operator(BinaryOp),
    Percent,
    Open,
    Close,
    Comma,
}

/// The ASCII form of a full-width or typographic sign; other characters stay.
pub(super) fn fold(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' => ' ',
        '“' | '”' => '"',
        '−' => '-',
        '×' => '*',
        '÷' => '/',
        '、' => ',',
        '≦' | '≤' => '≤',
        '≧' | '≥' => '≥',
        other => other,
    }
}

/// Characters of a name without quotes: letters of any script, digits, and the signs that kintone allows in a field code.
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            '_' | '＿'
                | '・'
                | '･'
                | '$'
                | '＄'
                | '￥'
                | '¥'
                | '€'
                | '￡'
                | '£'
                | '￠'
                | '.'
                | '．'
                | '々'
                | '〆'
                | '〇'
                | 'ー'
                | '゛'
                | '゜'
        )
        || is_mark(c)
}

/// Marks that combine with the letter before them (decomposed kana).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309A}' | '\u{FF9E}' | '\u{FF9F}' | '\u{300}'..='\u{36F}' | '\u{FE00}'..='\u{FE0F}')
}

pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<FormulaProblem>,
}

/// All tokens, or all places that are none.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Vec<FormulaProblem>> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), problems: Vec::new() };
    while let Some(c) = lexer.peek() {
        let start = lexer.at;
        lexer.token(c);
        debug_assert!(lexer.at > start, "a token of no characters at {start}");
    }
    if lexer.problems.is_empty() { Ok(lexer.tokens) } else { Err(lexer.problems) }
}

impl Lexer<'_> {
    /// The next character as written.
    fn raw(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    /// The next character, folded.
    fn peek(&self) -> Option<char> {
        self.raw().map(fold)
    }

    fn bump(&mut self) {
        self.at += self.raw().map_or(0, char::len_utf8);
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token { span: start..self.at, kind });
    }

    fn problem(&mut self, span: Range<usize>, code: &'static str, ja: impl Into<String>, en: impl Into<String>) {
        self.problems.push(FormulaProblem::new(span, code, ja, en));
    }

    /// Reads one token (or a run of spaces) that begins with `c`.
    fn token(&mut self, c: char) {
        let start = self.at;
        let single = match c {
            _ if c.is_whitespace() || c == '\u{FEFF}' => {
                self.bump();
                return;
            }
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '+' => TokenKind::Operator(BinaryOp::Add),
            '-' => TokenKind::Operator(BinaryOp::Subtract),
            '*' => TokenKind::Operator(BinaryOp::Multiply),
            '/' => TokenKind::Operator(BinaryOp::Divide),
            '^' => TokenKind::Operator(BinaryOp::Power),
            '&' => TokenKind::Operator(BinaryOp::Concat),
            '≠' => TokenKind::Operator(BinaryOp::NotEqual),
            '≤' => TokenKind::Operator(BinaryOp::LessOrEqual),
            '≥' => TokenKind::Operator(BinaryOp::GreaterOrEqual),
            '=' => TokenKind::Operator(BinaryOp::Equal),
            '<' | '>' => return self.comparison(c),
            '%' => return self.percent(),
            '#' if self.error_value().is_some() => return self.error(),
            '"' => return self.text(),
            '\'' => return self.quoted('\'', '\''),
            '[' => return self.quoted('[', ']'),
            _ if c.is_ascii_digit() || c == '.' => return self.number(),
            _ if is_word(c) => return self.word(),
            _ => {
                self.bump();
                let (ja, en) = (
                    format!("「{c}」は数式で使えない文字です。名前の一部なら [ ] で囲んでください。"),
                    format!("'{c}' cannot stand in a formula. If it is part of a name, put the name in [ ]."),
                );
                return self.problem(start..self.at, "formula_character", ja, en);
            }
        };
        self.bump();
        self.push(start, single);
    }

    fn comparison(&mut self, first: char) {
        let start = self.at;
        self.bump();
        let op = match (first, self.peek()) {
            ('<', Some('=')) => BinaryOp::LessOrEqual,
            ('<', Some('>')) => BinaryOp::NotEqual,
            ('>', Some('=')) => BinaryOp::GreaterOrEqual,
            ('<', _) => return self.push(start, TokenKind::Operator(BinaryOp::Less)),
            _ => return self.push(start, TokenKind::Operator(BinaryOp::Greater)),
        };
        self.bump();
        self.push(start, TokenKind::Operator(op));
    }

    /// The error value that is written here, and the bytes that it takes.
    fn error_value(&self) -> Option<(ErrorValue, usize)> {
        ErrorValue::ALL.into_iter().find_map(|error| {
            let shown = error.to_string();
            let written = self.source[self.at..].get(..shown.len())?;
            written.eq_ignore_ascii_case(&shown).then_some((error, shown.len()))
        })
    }

    fn error(&mut self) {
        let start = self.at;
        if let Some((error, length)) = self.error_value() {
            self.at += length;
            self.push(start, TokenKind::Error(error));
        }
    }

    /// Takes characters while `accept` holds, folded.
    fn take(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(c) = self.peek().filter(|c| accept(*c)) {
            out.push(c);
            self.bump();
        }
        out
    }

    fn number(&mut self) {
        let start = self.at;
        let mut text = self.take(|c| c.is_ascii_digit());
        if self.peek() == Some('.') {
            self.bump();
            text.push('.');
            text.push_str(&self.take(|c| c.is_ascii_digit()));
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let back = self.at;
            self.bump();
            let mut exponent = String::from("e");
            if let Some(sign @ ('+' | '-')) = self.peek() {
                exponent.push(sign);
                self.bump();
            }
            let digits = self.take(|c| c.is_ascii_digit());
            if digits.is_empty() {
                self.at = back;
            } else {
                text.push_str(&exponent);
                text.push_str(&digits);
            }
        }
        // 2026年度 is a name that begins with digits; every character that can stand in a number can stand in a name.
        if self.raw().is_some_and(is_word) {
            self.at = start;
            return self.word();
        }
        match text.parse() {
            Ok(number) => self.push(start, TokenKind::Number(number)),
            Err(model::decimal::DecimalError::Overflow) => self.problem(
                start..self.at,
                "formula_number_range",
                "数値は38桁までです。",
                "A number has at most 38 digits.",
            ),
            Err(_) => self.problem(start..self.at, "formula_number", "数値として読めません。", "This is not a number."),
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.raw().is_some_and(is_word) {
            self.bump();
        }
        let word = self.source[start..self.at].to_owned();
        self.push(start, TokenKind::Word(word));
    }
}

//! Reads a formula.

/// The functions, with the fewest and the most arguments.
pub const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("SUM", 1, 255),
    ("IF", 3, 3),
    ("AND", 1, 255),
    ("OR", 1, 255),
    ("NOT", 1, 1),
    ("ROUND", 1, 2),
    ("ROUNDUP", 1, 2),
    ("ROUNDDOWN", 1, 2),
    ("CONTAINS", 2, 2),
];

/// Formulas nested deeper than this are refused, so that no text can exhaust the stack.
const DEPTH_AT_MOST: usize = 100;

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A field.
    Field(String),
    /// The negative of a number.
    Negative(Box<Expr>),
    /// Two operands with their operator between them.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// A function by its name in capitals.
    Call(&'static str, Vec<Expr>),
}

impl Expr {
    /// The codes of the fields that it names.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Number(_) | Self::Text(_) => Vec::new(),
            Self::Field(code) => vec![code],
            Self::Negative(inner) => inner.fields(),
            Self::Binary(_, left, right) => [left.fields(), right.fields()].concat(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::fields).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(String),
    Text(String),
    Name(String),
    Sign(&'static str),
}

/// Operators from the loosest to the tightest.
const LEVELS: &[&[&str]] = &[&["=", "!=", "<>", "<=", ">=", "<", ">"], &["&"], &["+", "-"], &["*", "/"], &["^"]];
const SIGNS: &[&str] = &["!=", "<>", "<=", ">=", "=", "<", ">", "&", "+", "-", "*", "/", "^", "(", ")", ","];

/// Reads a formula; the error says what is wrong with it.
pub fn parse(text: &str) -> Result<Expr, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let expr = parser.level(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some(token) => Err(format!("unexpected {token:?}")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let name_ends = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && !matches!(c, '_' | '$'));
        let (token, length) = if first == '"' {
            let end = rest[1..].find('"').ok_or("a text is not closed")?;
            (Token::Text(rest[1..=end].to_owned()), end + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else if first.is_ascii_digit() || first == '.' {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            (Token::Number(rest[..end].to_owned()), end)
        } else {
            match rest.find(name_ends).unwrap_or(rest.len()) {
                0 => return Err(format!("unexpected {first:?}")),
                end => (Token::Name(rest[..end].to_owned()), end),
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn level(&mut self, level: usize) -> Result<Expr, String> {
        let Some(signs) = LEVELS.get(level) else { return self.atom() };
        let mut left = self.level(level + 1)?;
        while let Some(Token::Sign(sign)) = self.tokens.get(self.at)
            && signs.contains(sign)
        {
            self.at += 1;
            left = Expr::Binary(sign, Box::new(left), Box::new(self.level(level + 1)?));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_AT_MOST {
            return Err("nested too deeply".to_owned());
        }
        let token = self.tokens.get(self.at).cloned().ok_or("it ends too early")?;
        self.at += 1;
        let expr = match token {
            Token::Number(text) => Expr::Number(text),
            Token::Text(text) => Expr::Text(text),
            Token::Sign("-") => Expr::Negative(Box::new(self.atom()?)),
            Token::Sign("+") => self.atom()?,
            Token::Sign("(") => {
                let inner = self.level(0)?;
                self.expect(")")?;
                inner
            }
            Token::Name(name) if self.tokens.get(self.at) == Some(&Token::Sign("(")) => self.call(&name)?,
            Token::Name(code) => Expr::Field(code),
            Token::Sign(sign) => return Err(format!("unexpected {sign:?}")),
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn call(&mut self, name: &str) -> Result<Expr, String> {
        let known = FUNCTIONS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
        let (name, fewest, most) = *known.ok_or_else(|| format!("{name}: no such function"))?;
        self.expect("(")?;
        let mut arguments = vec![self.level(0)?];
        while self.tokens.get(self.at) == Some(&Token::Sign(",")) {
            self.at += 1;
            arguments.push(self.level(0)?);
        }
        self.expect(")")?;
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(format!("{name}: wrong number of arguments"));
        }
        Ok(Expr::Call(name, arguments))
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), String> {
        if self.tokens.get(self.at) != Some(&Token::Sign(sign)) {
            return Err(format!("{sign:?} is missing"));
        }
        self.at += 1;
        Ok(())
    }
}

//! From tokens to a query, by recursive descent. Keywords are known by their place, so a field may be called `order`.

use super::ast::{Condition, FieldName, Op, Operand, OrderKey, Query, Test};
use super::error::QueryError;
use super::functions::{self, Argument};
use super::lexer::{Token, tokens};

/// Parentheses may nest so deep; deeper is refused instead of exhausting the stack. (kintone's own bound is unknown.)
const MAX_DEPTH: usize = 100;
/// The largest `limit` of one answer.
const MAX_LIMIT: u64 = 500;
/// The largest `offset`.
const MAX_OFFSET: u64 = 10_000;

/// Parses a query. Cursors take no window, so for them `limit` and `offset` are a syntax error (`allow_limit` false).
pub fn parse(text: &str, allow_limit: bool) -> Result<Query, QueryError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let query = parser.query()?;
    if !parser.tokens.is_empty() || (!allow_limit && (query.limit.is_some() || query.offset.is_some())) {
        return Err(QueryError::syntax());
    }
    Ok(query)
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn query(&mut self) -> Result<Query, QueryError> {
        let mut query = Query::default();
        if !self.tokens.is_empty() && !self.at_clause() {
            query.condition = Some(self.condition()?);
        }
        if self.keyword("order") {
            self.expect_keyword("by")?;
            query.order = self.order()?;
        }
        if self.keyword("limit") {
            query.limit = Some(self.count(MAX_LIMIT, QueryError::limit)?);
        }
        if self.keyword("offset") {
            query.offset = Some(self.count(MAX_OFFSET, QueryError::offset)?);
        }
        Ok(query)
    }

    /// Whether a clause starts here rather than a test of a field with a clause's name.
    fn at_clause(&self) -> bool {
        match self.tokens {
            [Token::Word(first), Token::Word(second), ..] => first == "order" && second == "by",
            [Token::Word(word), Token::Number(_), ..] => word == "limit" || word == "offset",
            _ => false,
        }
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        let mut parts = vec![self.conjunction()?];
        while self.keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(one_or(parts, Condition::Or))
    }

    fn conjunction(&mut self) -> Result<Condition, QueryError> {
        let mut parts = vec![self.atom()?];
        while self.keyword("and") {
            parts.push(self.atom()?);
        }
        Ok(one_or(parts, Condition::And))
    }

    fn atom(&mut self) -> Result<Condition, QueryError> {
        if !self.take(&Token::Open) {
            return self.test().map(Condition::Test);
        }
        if self.depth == MAX_DEPTH {
            return Err(QueryError::syntax());
        }
        self.depth += 1;
        let condition = self.condition()?;
        self.depth -= 1;
        self.expect(&Token::Close)?;
        Ok(condition)
    }

    fn test(&mut self) -> Result<Test, QueryError> {
        let field = self.field()?;
        let (op, operands) = match self.next()? {
            Token::Sign(op) => (*op, vec![self.operand()?]),
            Token::Word(word) => match word.as_str() {
                "in" => (Op::In, self.operands()?),
                "like" => (Op::Like, vec![self.string()?]),
                "not" if self.keyword("in") => (Op::NotIn, self.operands()?),
                "not" if self.keyword("like") => (Op::NotLike, vec![self.string()?]),
                "is" => {
                    let op = if self.keyword("not") { Op::NotEmpty } else { Op::Empty };
                    self.expect_keyword("empty")?;
                    (op, Vec::new())
                }
                _ => return Err(QueryError::syntax()),
            },
            _ => return Err(QueryError::syntax()),
        };
        Ok(Test { field, op, operands })
    }

    fn field(&mut self) -> Result<FieldName, QueryError> {
        let code = self.word()?.to_owned();
        let inner = if self.take(&Token::Dot) { Some(self.word()?.to_owned()) } else { None };
        Ok(FieldName { code, inner })
    }

    fn operands(&mut self) -> Result<Vec<Operand>, QueryError> {
        self.expect(&Token::Open)?;
        let mut operands = vec![self.operand()?];
        while self.take(&Token::Comma) {
            operands.push(self.operand()?);
        }
        self.expect(&Token::Close)?;
        Ok(operands)
    }

    fn operand(&mut self) -> Result<Operand, QueryError> {
        match self.next()? {
            Token::Text(text) | Token::Number(text) => Ok(Operand::Literal(text.clone())),
            Token::Word(name) => {
                self.expect(&Token::Open)?;
                let arguments = self.arguments()?;
                functions::resolve(name, &arguments).map(Operand::Call)
            }
            _ => Err(QueryError::syntax()),
        }
    }

    fn string(&mut self) -> Result<Operand, QueryError> {
        match self.next()? {
            Token::Text(text) => Ok(Operand::Literal(text.clone())),
            _ => Err(QueryError::syntax()),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument<'a>>, QueryError> {
        let mut arguments = Vec::new();
        if self.take(&Token::Close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(match self.next()? {
                Token::Word(word) => Argument::Word(word),
                Token::Number(number) => Argument::Number(number),
                _ => return Err(QueryError::syntax()),
            });
            match self.next()? {
                Token::Comma => {}
                Token::Close => return Ok(arguments),
                _ => return Err(QueryError::syntax()),
            }
        }
    }

    fn order(&mut self) -> Result<Vec<OrderKey>, QueryError> {
        let mut keys = Vec::new();
        loop {
            let field = self.field()?;
            let ascending = self.keyword("asc");
            if !ascending {
                self.keyword("desc");
            }
            keys.push(OrderKey { field, ascending });
            if !self.take(&Token::Comma) {
                return Ok(keys);
            }
        }
    }

    /// The number of `limit` or `offset`: a plain integer from 0 to `max`.
    fn count(&mut self, max: u64, too_large: fn() -> QueryError) -> Result<u64, QueryError> {
        let Token::Number(digits) = self.next()? else { return Err(QueryError::syntax()) };
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(QueryError::syntax());
        }
        // What does not fit 64 bits is over every maximum.
        digits.parse().ok().filter(|count| *count <= max).ok_or_else(too_large)
    }

    fn next(&mut self) -> Result<&'a Token, QueryError> {
        let (first, rest) = self.tokens.split_first().ok_or_else(QueryError::syntax)?;
        self.tokens = rest;
        Ok(first)
    }

    fn word(&mut self) -> Result<&'a str, QueryError> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            _ => Err(QueryError::syntax()),
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.first() == Some(token);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.first(), Some(Token::Word(word)) if word == keyword);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), QueryError> {
        if self.take(token) { Ok(()) } else { Err(QueryError::syntax()) }
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), QueryError> {
        if self.keyword(keyword) { Ok(()) } else { Err(QueryError::syntax()) }
    }
}

/// The only part as it is, or several joined.
fn one_or(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

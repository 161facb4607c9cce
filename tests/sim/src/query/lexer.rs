//! From text to tokens.

use super::ast::Op;
use super::error::QueryError;

/// One word, literal or sign of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A field code, `$id`, a keyword or a function name: which of them, only the place tells.
    Word(String),
    /// A quoted string with its escapes resolved.
    Text(String),
    /// A number as it was written.
    Number(String),
    /// One of the comparison signs.
    Sign(Op),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
}

/// All tokens of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { rest: text };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Token>, QueryError> {
        self.rest = self.rest.trim_start_matches(is_space);
        let mut chars = self.rest.chars();
        let Some(first) = chars.next() else { return Ok(None) };
        let second = chars.next();
        let token = match (first, second) {
            ('(', _) => self.sign(1, Token::Open),
            (')', _) => self.sign(1, Token::Close),
            (',', _) => self.sign(1, Token::Comma),
            ('.', _) => self.sign(1, Token::Dot),
            ('=', _) => self.sign(1, Token::Sign(Op::Eq)),
            ('!', Some('=')) => self.sign(2, Token::Sign(Op::Ne)),
            ('<', Some('=')) => self.sign(2, Token::Sign(Op::Le)),
            ('>', Some('=')) => self.sign(2, Token::Sign(Op::Ge)),
            ('<', _) => self.sign(1, Token::Sign(Op::Lt)),
            ('>', _) => self.sign(1, Token::Sign(Op::Gt)),
            ('"', _) => self.text()?,
            ('0'..='9', _) | ('+' | '-', Some('0'..='9')) => self.number()?,
            ('$', Some(c)) if is_word_char(c) => self.word(1),
            (c, _) if is_word_char(c) => self.word(0),
            _ => return Err(QueryError::syntax()),
        };
        Ok(Some(token))
    }

    fn sign(&mut self, length: usize, token: Token) -> Token {
        self.take(length);
        token
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn word(&mut self, prefix: usize) -> Token {
        let body = &self.rest[prefix..];
        let length = body.find(|c| !is_word_char(c)).unwrap_or(body.len());
        Token::Word(self.take(prefix + length).to_owned())
    }

    fn number(&mut self) -> Result<Token, QueryError> {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut length = usize::from(matches!(bytes[0], b'+' | b'-'));
        length += digits(length);
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let signed = length + 1 + usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            if signed <= bytes.len() && digits(signed) > 0 {
                length = signed + digits(signed);
            }
        }
        let number = self.take(length).to_owned();
        // A field code has no leading digit, so `12abc` is neither a number nor a name.
        if self.rest.starts_with(is_word_char) {
            return Err(QueryError::syntax());
        }
        Ok(Token::Number(number))
    }

    fn text(&mut self) -> Result<Token, QueryError> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Token::Text(text));
                }
                '\\' => text.push(match chars.next() {
                    Some((_, c @ ('"' | '\\'))) => c,
                    Some((_, 't')) => '\t',
                    Some((_, 'n')) => '\n',
                    Some((_, 'r')) => '\r',
                    _ => return Err(QueryError::syntax()),
                }),
                '\t' | '\n' | '\r' => return Err(QueryError::syntax()),
                c => text.push(c),
            }
        }
        Err(QueryError::syntax())
    }
}

/// What may stand between tokens: the full-width space too.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{3000}')
}

/// What a field code is made of: letters and digits of any script, half- and full-width low line, middle dots,
/// full-width currency signs, and the marks that voice a kana written in two characters.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '＿' | '・' | '･' | '＄' | '￠' | '￡' | '￥' | '￦' | '€' | '\u{3099}' | '\u{309A}')
}

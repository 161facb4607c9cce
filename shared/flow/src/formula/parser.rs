//! Tokens to tree: a Pratt parser with Excel's order of operators.
//!
//! From tight to loose: sign in front, `%` behind, `^`, `* /`, `+ -`, `&`, comparisons. So `-2^2` is 4, as in Excel, and
//! `2^3^2` is 64. A leading `=` is allowed and ignored.

use std::ops::Range;
use std::sync::Arc;

use super::ast::{Ast, BinaryOp, Node, Part};
use super::lexer::{Token, TokenKind, fold, tokens};
use super::problem::FormulaProblem;

/// Levels that a formula may be nested. Excel allows 64 for functions. A chain of texts (`a&b&c`) makes few
/// levels however long it is; other chains count one per operator. Bounds the stack that parsing, checking and computing take.
const MAX_DEPTH: usize = 250;
/// Longest formula, in bytes. Excel's limit is 8,192 characters, which are at most this many bytes.
const MAX_BYTES: usize = 32_768;

type Parsed<T> = Result<T, FormulaProblem>;

/// Reads a formula. Problems of characters are told all at once; of the order of tokens, the first one.
pub fn parse(text: &str) -> Result<Ast, Vec<FormulaProblem>> {
    if text.len() > MAX_BYTES {
        return Err(vec![FormulaProblem::new(
            0..0,
            "formula_too_long",
            "数式が長すぎます(32,768バイトまで)。",
            "The formula is too long (at most 32,768 bytes).",
        )]);
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, end: text.len() };
    parser.formula().map(|root| Ast { source: Arc::from(text), root }).map_err(|problem| vec![problem])
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
}

/// A node and how many levels are below it.
struct Tree {
    node: Node,
    depth: usize,
}

fn too_deep(span: Range<usize>) -> FormulaProblem {
    FormulaProblem::new(
        span,
        "formula_too_deep",
        "数式の入れ子が深すぎます。途中の結果を別のフィールドに分けてください。",
        "The formula is nested too deeply. Compute a part of it in a field of its own.",
    )
}

/// A node over others; refused where it would be too deep.
fn over(span: Range<usize>, below: usize, part: Part) -> Parsed<Tree> {
    let depth = below + 1;
    if depth > MAX_DEPTH { Err(too_deep(span)) } else { Ok(Tree { node: Node { span, part }, depth }) }
}

/// An operator between two trees.
fn both(op: BinaryOp, left: Tree, right: Tree) -> Parsed<Tree> {
    let span = left.node.span.start..right.node.span.end;
    over(span, left.depth.max(right.depth), Part::Binary(op, Box::new(left.node), Box::new(right.node)))
}

/// TRUE and FALSE in any case and width. A field of that name needs brackets.
fn truth_value(word: &str) -> Option<bool> {
    let is = |wanted: &str| word.chars().map(|c| fold(c).to_ascii_lowercase()).eq(wanted.chars());
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

impl Parser {
    fn kind(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|t| &t.kind)
    }

    /// The place of the next token; behind the last one, the end.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |t| t.span.clone())
    }

    fn formula(&mut self) -> Parsed<Node> {
        if self.kind() == Some(&TokenKind::Operator(BinaryOp::Equal)) {
            self.at += 1;
        }
        if self.kind().is_none() {
            return Err(FormulaProblem::new(self.span(), "formula_empty", "数式が空です。", "The formula is empty."));
        }
        let tree = self.expression(0, 0)?;
        match self.kind() {
            None => Ok(tree.node),
            Some(TokenKind::Close) => Err(FormulaProblem::new(
                self.span(),
                "formula_syntax",
                "対応する「(」がありません。",
                "There is no '(' for this ')'.",
            )),
            Some(_) => Err(FormulaProblem::new(
                self.span(),
                "formula_syntax",
                "ここで数式が終わるか、演算子が必要です。空白や記号を含む名前は [ ] で囲んでください。",
                "The formula should end here or go on with an operator. A name with spaces or signs needs [ ] around it.",
            )),
        }
    }

    /// Operands and the operators between them that bind tighter than `loosest`. `depth` counts the levels above.
    fn expression(&mut self, loosest: u8, depth: usize) -> Parsed<Tree> {
        let mut left = self.operand(depth)?;
        while let Some(&TokenKind::Operator(op)) = self.kind() {
            if op.binding() <= loosest {
                break;
            }
            if op == BinaryOp::Concat {
                left = self.texts(left, depth)?;
                continue;
            }
            self.at += 1;
            let right = self.expression(op.binding(), depth + 1)?;
            left = both(op, left, right)?;
        }
        Ok(left)
    }

    /// A chain of texts behind its first one. Its order is all that matters to it, so its tree is as low as can be.
    fn texts(&mut self, first: Tree, depth: usize) -> Parsed<Tree> {
        let mut row = vec![first];
        while self.kind() == Some(&TokenKind::Operator(BinaryOp::Concat)) {
            self.at += 1;
            row.push(self.expression(BinaryOp::Concat.binding(), depth + 1)?);
        }
        while row.len() > 1 {
            let mut pairs = Vec::with_capacity(row.len().div_ceil(2));
            let mut trees = row.into_iter();
            while let Some(left) = trees.next() {
                pairs.push(match trees.next() {
                    Some(right) => both(BinaryOp::Concat, left, right)?,
                    None => left,
                });
            }
            row = pairs;
        }
        row.pop().ok_or_else(|| too_deep(self.span()))
    }

    /// An operand with its signs in front and percent signs behind.
    fn operand(&mut self, depth: usize) -> Parsed<Tree> {
        if depth > MAX_DEPTH {
            return Err(too_deep(self.span()));
        }
        let start = self.span();
        let sign: Option<fn(Box<Node>) -> Part> = match self.kind() {
            Some(TokenKind::Operator(BinaryOp::Subtract)) => Some(Part::Negate),
            Some(TokenKind::Operator(BinaryOp::Add)) => Some(Part::Plus),
            _ => None,
        };
        let mut tree = match sign {
            Some(part) => {
                self.at += 1;
                let inner = self.signed(depth + 1)?;
                over(start.start..inner.node.span.end, inner.depth, part(Box::new(inner.node)))?
            }
            None => self.atom(depth)?,
        };
        while self.kind() == Some(&TokenKind::Percent) {
            let span = tree.node.span.start..self.span().end;
            self.at += 1;
            tree = over(span, tree.depth, Part::Percent(Box::new(tree.node)))?;
        }
        Ok(tree)
    }

    /// What stands behind a sign: another sign or an atom. Percent signs behind it belong to the whole.
    fn signed(&mut self, depth: usize) -> Parsed<Tree> {
        match self.kind() {
            Some(TokenKind::Operator(BinaryOp::Subtract | BinaryOp::Add)) => self.operand(depth),
            _ => self.atom(depth),
        }
    }

    fn atom(&mut self, depth: usize) -> Parsed<Tree> {
        let Some(token) = self.tokens.get(self.at).cloned() else {
            return Err(FormulaProblem::new(
                self.span(),
                "formula_syntax",
                "数式が途中で終わっています。値か名前が必要です。",
                "The formula ends too early: a value or a name is missing.",
            ));
        };
        self.at += 1;
        let part = match token.kind {
            TokenKind::Number(number) => Part::Number(number),
            TokenKind::Text(text) => Part::Text(text),
            TokenKind::Parameter(name) => Part::Parameter(name),
            TokenKind::Quoted(name) => return Ok(self.table_column(name, true, token.span)),
            TokenKind::Error(error) => Part::Error(error),
            TokenKind::Word(name) if self.kind() == Some(&TokenKind::Open) => {
                return self.call(name, token.span, depth);
            }
            TokenKind::Word(name) => match truth_value(&name) {
                Some(value) => Part::Bool(value),
                None => return Ok(self.table_column(name, false, token.span)),
            },
            TokenKind::Open => return self.parenthesis(token.span, depth),
            TokenKind::Close | TokenKind::Comma | TokenKind::Percent | TokenKind::Operator(_) => {
                return Err(FormulaProblem::new(
                    token.span,
                    "formula_syntax",
                    "ここには値か名前が必要です。",
                    "A value or a name is expected here.",
                ));
            }
        };
        Ok(Tree { node: Node { span: token.span, part }, depth: 1 })
    }

    /// A name, or a table's column where a name in brackets stands directly behind it.
    fn table_column(&mut self, name: String, quoted: bool, span: Range<usize>) -> Tree {
        let table = Node { span: span.clone(), part: Part::Name { name, quoted } };
        match self.tokens.get(self.at) {
            Some(Token { span: field_span, kind: TokenKind::Quoted(field) }) if field_span.start == span.end => {
                let (field, field_span) = (field.clone(), field_span.clone());
                self.at += 1;
                let span = span.start..field_span.end;
                let part = Part::TableColumn { table: Box::new(table), field, field_span };
                Tree { node: Node { span, part }, depth: 1 }
            }
            _ => Tree { node: table, depth: 1 },
        }
    }

    fn parenthesis(&mut self, open: Range<usize>, depth: usize) -> Parsed<Tree> {
        let mut tree = self.expression(0, depth + 1)?;
        let close = self.close(&open)?;
        tree.node.span = open.start..close;
        Ok(tree)
    }

    /// Takes the `)` for the `(` at `open` and returns its end.
    fn close(&mut self, open: &Range<usize>) -> Parsed<usize> {
        match self.kind() {
            Some(TokenKind::Close) => {
                let end = self.span().end;
                self.at += 1;
                Ok(end)
            }
            None => Err(FormulaProblem::new(
                open.clone(),
                "formula_syntax",
                "この「(」が閉じられていません。",
                "This '(' is not closed.",
            )),
            Some(_) => Err(FormulaProblem::new(
                self.span(),
                "formula_syntax",
                "ここには「)」「,」か演算子が必要です。空白や記号を含む名前は [ ] で囲んでください。",
                "A ')', a ',' or an operator is expected here. A name with spaces or signs needs [ ] around it.",
            )),
        }
    }

    fn call(&mut self, name: String, name_span: Range<usize>, depth: usize) -> Parsed<Tree> {
        let open = self.span();
        self.at += 1;
        let mut args = Vec::new();
        let mut below = 0;
        if self.kind() != Some(&TokenKind::Close) {
            loop {
                if matches!(self.kind(), Some(TokenKind::Comma | TokenKind::Close)) {
                    let at = self.span().start;
                    args.push(Node { span: at..at, part: Part::Missing });
                } else {
                    let tree = self.expression(0, depth + 1)?;
                    below = below.max(tree.depth);
                    args.push(tree.node);
                }
                if self.kind() != Some(&TokenKind::Comma) {
                    break;
                }
                self.at += 1;
            }
        }
        let end = self.close(&open)?;
        over(name_span.start..end, below, Part::Call { name, name_span, args })
    }
}

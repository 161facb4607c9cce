//! Search patterns of Excel: `?` is one character, `*` any number of them, `~` takes the next sign as it is. Case does not count.

/// A character of a pattern.
enum Sign {
    One,
    This(char),
}

/// A pattern, ready to be looked for.
pub(super) struct Wildcards {
    /// The pieces between its asterisks.
    pieces: Vec<Vec<Sign>>,
}

/// One character without case. Characters whose small form is longer stay as they are, so that positions do not move.
pub(super) fn lower(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn fits(piece: &[Sign], text: &[char]) -> bool {
    text.len() >= piece.len()
        && piece.iter().zip(text).all(|(sign, c)| match sign {
            Sign::One => true,
            Sign::This(wanted) => wanted == c,
        })
}

fn first_fit(piece: &[Sign], text: &[char]) -> Option<usize> {
    (0..=text.len()).find(|at| fits(piece, &text[*at..]))
}

impl Wildcards {
    pub fn new(pattern: &str) -> Self {
        let mut pieces = vec![Vec::new()];
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let sign = match c {
                '*' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '?' => Sign::One,
                '~' => Sign::This(chars.next_if(|next| "*?~".contains(*next)).unwrap_or('~')),
                other => Sign::This(lower(other)),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(sign);
            }
        }
        Self { pieces }
    }

    /// Where in the text (in small letters, see [`lower`]) the pattern first fits.
    pub fn find(&self, text: &[char]) -> Option<usize> {
        let (first, others) = self.pieces.split_first()?;
        let at = first_fit(first, text)?;
        // Behind an asterisk the nearest place is as good as any: if the rest does not fit there, it fits nowhere later, and
        // a later place of the first piece leaves even less.
        let mut rest = &text[at + first.len()..];
        for piece in others {
            let place = first_fit(piece, rest)?;
            rest = &rest[place + piece.len()..];
        }
        Some(at)
    }

    /// True where the pattern is the whole text.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().map(lower).collect();
        let Some((first, others)) = self.pieces.split_first() else { return text.is_empty() };
        if !fits(first, &text) {
            return false;
        }
        let mut rest = &text[first.len()..];
        let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
        for piece in middle {
            let Some(place) = first_fit(piece, rest) else { return false };
            rest = &rest[place + piece.len()..];
        }
        rest.len() >= last.len() && fits(last, &rest[rest.len() - last.len()..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts() {
        for (pattern, text, matches) in [
            ("", "", true),
            ("", "a", false),
            ("abc", "ABC", true),
            ("a?c", "abc", true),
            ("a*", "a", true),
            ("*c", "abcc", true),
            ("a*b*c", "aXXbYYc", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("a~*", "a*", true),
            ("a~*", "ab", false),
            ("東京*", "東京都", true),
        ] {
            assert_eq!(Wildcards::new(pattern).matches(text), matches, "{pattern} {text}");
        }
    }
}

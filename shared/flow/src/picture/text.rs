//! Text in boxes: widths in half-width units, lines that fit.

/// Units of a line of a step's name: sixteen Japanese characters.
pub(super) const NAME: usize = 32;
/// Units of a line of details.
pub(super) const DETAIL: usize = 40;

/// Width in units: Japanese characters take two.
pub(super) fn width(text: &str) -> usize {
    crate::examples::text_width(text)
}

/// The text in at most `most` lines of `units`, the last one cut.
pub(super) fn lines(text: &str, units: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut left = units;
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        let own = width(c.encode_utf8(&mut [0; 4]));
        if own > left {
            lines.push(String::new());
            left = units;
        }
        left -= own.min(left);
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most - 1).concat();
        lines.push(cut(&rest, units));
    }
    lines
}

/// The text, cut to `units` with an ellipsis.
pub(super) fn cut(text: &str, units: usize) -> String {
    if width(text) <= units {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 1);
    for c in text.chars() {
        used += width(c.encode_utf8(&mut [0; 4]));
        if used > units {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Text as XML has it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write most control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_become_lines_and_end_in_dots() {
        assert_eq!(lines("受注の更新", 32, 3), ["受注の更新"]);
        assert_eq!(lines("あいうえおか", 4, 3), ["あい", "うえ", "おか"]);
        assert_eq!(lines("あいうえおかき", 4, 3), ["あい", "うえ", "お…"]);
        assert_eq!(lines("", 4, 3), [""]);
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(escape("a<b & \"c\"\u{1}"), "a&lt;b &amp; &quot;c&quot; ");
    }
}

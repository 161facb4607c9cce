//! Texts that tell of many things, kept to what a log record and the table hold.

use std::fmt::Write as _;

/// Most bytes of all messages of a run together, in UTF-8: the run is one item of 400 KB at most
/// (reference/aws-local.md), and has more in it than these.
const ALL: usize = 240_000;
/// Most parts of one list: of numbers of five digits, some 40 KB.
const PARTS: usize = 4_000;

/// A message of one of so many flows, cut where it is too long. The end says so.
pub fn bounded(message: String, flows: usize) -> String {
    // Beside the flows there is what takes back, and the run's own message, which repeats that of one.
    let most = ALL / (flows + 3);
    if message.len() <= most {
        return message;
    }
    let mut end = most;
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let left = message[end..].chars().count();
    format!("{}\n… 以下{left}文字を省略 / {left} more characters are left out", &message[..end])
}

/// Numbers of records, as people read them: three and more that follow each other are told by the first and the last.
pub fn numbers(ids: impl IntoIterator<Item = u64>) -> String {
    let pairs = ids.into_iter().map(|id| (id, None));
    list(pairs, " ")
}

/// Numbers with what has become of each; `None`: nobody knows.
pub fn renumbered(pairs: impl IntoIterator<Item = (u64, Option<u64>)>) -> String {
    list(pairs.into_iter().map(|(former, new)| (former, Some(new))), ", ")
}

/// What follows each other in both, where both are known.
struct Stretch {
    first: (u64, Option<Option<u64>>),
    length: u64,
}

impl Stretch {
    fn takes(&self, next: (u64, Option<Option<u64>>)) -> bool {
        let follows = |first: u64, next: u64| first.checked_add(self.length) == Some(next);
        follows(self.first.0, next.0)
            && match (self.first.1, next.1) {
                (None, None) | (Some(None), Some(None)) => true,
                (Some(Some(first)), Some(Some(next))) => follows(first, next),
                _ => false,
            }
    }

    fn part(&self, at: u64, length: u64) -> String {
        let ends = |first: u64| match length {
            1 => format!("#{}", first + at),
            _ => format!("#{}-#{}", first + at, first + at + length - 1),
        };
        let mut text = ends(self.first.0);
        if let Some(new) = self.first.1 {
            let new = new.map_or_else(|| "?".to_owned(), ends);
            let _ = write!(text, " → {new}");
        }
        text
    }
}

fn list(pairs: impl Iterator<Item = (u64, Option<Option<u64>>)>, between: &str) -> String {
    let mut stretches: Vec<Stretch> = Vec::new();
    for next in pairs {
        match stretches.last_mut().filter(|last| last.takes(next)) {
            Some(last) => last.length += 1,
            None => stretches.push(Stretch { first: next, length: 1 }),
        }
    }
    let mut parts = Vec::new();
    let mut left = 0;
    for stretch in &stretches {
        if parts.len() >= PARTS {
            left += stretch.length;
        } else if stretch.length < 3 {
            parts.extend((0..stretch.length).map(|at| stretch.part(at, 1)));
        } else {
            parts.push(stretch.part(0, stretch.length));
        }
    }
    if left > 0 {
        parts.push(format!("… ほか{left}件 / {left} more"));
    }
    parts.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_told_by_their_ends() {
        assert_eq!(numbers([]), "");
        assert_eq!(numbers([3, 4, 7, 8, 9, 12, 11]), "#3 #4 #7-#9 #12 #11");
        let known = [(1, Some(16)), (2, Some(17)), (3, Some(18)), (4, Some(20)), (5, None), (6, None), (7, None)];
        assert_eq!(renumbered(known), "#1-#3 → #16-#18, #4 → #20, #5-#7 → ?");
    }

    #[test]
    fn a_list_that_is_too_long_says_how_much_it_leaves_out() {
        let text = numbers((0..PARTS as u64 + 7).map(|n| n * 2));
        assert!(text.ends_with(" … ほか7件 / 7 more") && text.len() < 50_000, "{}", text.len());
    }

    #[test]
    fn a_message_that_is_too_long_is_cut_between_letters() {
        assert_eq!(bounded("短い".into(), 1), "短い");
        for flows in [1, 20] {
            let text = bounded("水".repeat(200_000), flows);
            assert!(text.len() <= ALL / (flows + 3) + 100, "{}", text.len());
            assert!(text.ends_with("characters are left out"), "{}", &text[text.len() - 90..]);
        }
    }
}

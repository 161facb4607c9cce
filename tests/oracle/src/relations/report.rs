//! Cases made, run, compared and summed up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::answer::{Verdict, compare};
use super::case::{Case, Outcome};
use super::commands::Command;
use super::differences::difference;
use super::peers::{Peer, Said, answers};

/// What a peer's answers to the cases of a command came to.
#[derive(Clone, Debug, Default)]
struct Tally {
    equal: usize,
    /// Cases by intended difference: equal with it, or set aside for it.
    intended: BTreeMap<String, usize>,
    aside: usize,
    unexplained: Vec<(usize, String)>,
}

/// The sum of a run.
#[derive(Debug, Default)]
pub struct Report {
    commands: Vec<(&'static str, usize, BTreeMap<Peer, Tally>)>,
    shown: Vec<String>,
}

/// The seed of a case: independent of which other commands are run.
fn seed(seed: u64, command: &str, case: usize) -> u64 {
    let name = command.bytes().fold(seed, |hash, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    name.wrapping_mul(1_000_003).wrapping_add(case as u64)
}

/// So many cases of a command.
pub fn cases(command: &Command, first_seed: u64, count: usize) -> Vec<Case> {
    (0..count).map(|id| command.case(id, seed(first_seed, command.name, id))).collect()
}

impl Report {
    /// Makes and runs so many cases of each command, and compares with what the peers say when they are asked; `show`
    /// unexplained ones are told in full for each command and peer.
    pub fn of(
        commands: &[&Command],
        first_seed: u64,
        count: usize,
        show: usize,
        ask: impl FnOnce(&[Case]) -> Result<Said, String>,
    ) -> Result<Self, String> {
        let mut report = Self::default();
        let mut all: Vec<(&Command, Case, Outcome)> = Vec::new();
        for command in commands {
            for case in cases(command, first_seed, count) {
                let outcome = case.run()?;
                all.push((command, Case { id: all.len(), ..case }, outcome));
            }
        }
        let questions: Vec<Case> = all.iter().map(|(_, case, _)| case.clone()).collect();
        let answers = answers(&ask(&questions)?)?;
        for command in commands {
            let mut tallies: BTreeMap<Peer, Tally> = BTreeMap::new();
            for (_, case, outcome) in all.iter().filter(|(of, ..)| of.name == command.name) {
                for peer in Peer::ALL {
                    let tally = tallies.entry(peer).or_default();
                    let verdict = match answers.get(&peer).and_then(|a| a.get(&case.id)) {
                        Some(answer) => (compare(outcome, answer), answer.text.as_str()),
                        None => (Verdict::Different("no answer".into()), ""),
                    };
                    tally.take(case.id, verdict.0, verdict.1);
                    if let Some((id, why)) = tally.unexplained.last().filter(|(id, _)| *id == case.id)
                        && tally.unexplained.len() <= show
                    {
                        let rows = outcome.as_ref().map(|(_, rows)| {
                            rows.iter()
                                .map(|row| row.iter().map(super::case::cell).collect::<Vec<_>>())
                                .collect::<Vec<_>>()
                        });
                        report.shown.push(format!(
                            "{} case {id}, {}: {why}\n{}\nSuiro: {rows:?}\n",
                            command.name,
                            peer.name(),
                            case.json()
                        ));
                    }
                }
            }
            report.commands.push((command.name, count, tallies));
        }
        Ok(report)
    }

    /// How many cases were compared with each peer's answer, and found equal, at the least over commands and peers.
    pub fn fewest_equal(&self) -> usize {
        self.commands.iter().flat_map(|(_, _, tallies)| tallies.values().map(|t| t.equal)).min().unwrap_or(0)
    }

    /// True where nothing is left unexplained.
    pub fn is_sound(&self) -> bool {
        self.commands.iter().all(|(_, _, tallies)| tallies.values().all(|t| t.unexplained.is_empty()))
    }

    /// The table, the reasons, and the unexplained cases.
    pub fn text(&self) -> String {
        let mut text = String::from("| command | tables |");
        for peer in Peer::ALL {
            let _ = write!(text, " equal in {} | set aside | intended differences |", peer.name());
        }
        text.push_str(" unexplained |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, count, tallies) in &self.commands {
            let _ = write!(text, "| {name} | {count} |");
            for tally in tallies.values() {
                let intended: Vec<String> = tally.intended.iter().map(|(name, n)| format!("{name} {n}")).collect();
                let _ = write!(text, " {} | {} | {} |", tally.equal, tally.aside, intended.join(", "));
                for (name, n) in &tally.intended {
                    *reasons.entry(name).or_default() += n;
                }
            }
            let _ = writeln!(text, " {} |", tallies.values().map(|t| t.unexplained.len()).sum::<usize>());
        }
        text.push('\n');
        for (name, n) in reasons {
            let reason = difference(name).map_or("not listed", |d| d.reason);
            let _ = writeln!(text, "- `{name}` ({n}): {reason}");
        }
        for shown in &self.shown {
            let _ = write!(text, "\n{shown}");
        }
        text
    }
}

impl Tally {
    fn take(&mut self, id: usize, verdict: Verdict, said: &str) {
        match verdict {
            Verdict::Equal(allowed) => {
                self.equal += 1;
                for name in allowed {
                    *self.intended.entry(name.to_owned()).or_default() += 1;
                }
            }
            Verdict::Aside(name) if difference(&name).is_some() => {
                self.aside += 1;
                *self.intended.entry(name).or_default() += 1;
            }
            Verdict::Aside(name) => self.unexplained.push((id, format!("{name}: {said}"))),
            Verdict::Different(why) => self.unexplained.push((id, why)),
        }
    }
}

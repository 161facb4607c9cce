//! A step of a document: its head, and everything else as its command's settings.

use serde::Deserialize;

use super::{FIRST_VERSION, refuse_unknown};
use crate::located::{At, Located, Node, OneOrMany};
use crate::problem::{Position, Problem, proposal};

/// A step as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unique in the flow.
    pub name: At<String>,
    /// Stored name of its command.
    pub command: At<String>,
    /// The version of the command's settings that it is written in.
    pub version: At<u32>,
    /// The steps whose rows it takes.
    pub from: Vec<At<String>>,
    /// Everything else: the command's settings, a map.
    pub settings: Located,
}

#[derive(Deserialize)]
struct StepHead {
    name: At<String>,
    command: At<String>,
    #[serde(default)]
    version: Option<At<u32>>,
    #[serde(default)]
    from: OneOrMany,
}

impl Step {
    /// The name of what should be a step, where it has one.
    pub(super) fn name_of(item: &Located) -> Option<String> {
        let named = item.entries()?.iter().find(|(key, _)| key.text() == Some("name"));
        named.and_then(|(_, value)| value.text()).map(str::to_owned)
    }

    /// Reads the head of a step and keeps the rest as settings.
    pub(crate) fn read(item: &Located, problems: &mut Vec<Problem>) -> Option<Self> {
        const HEAD: [&str; 4] = ["name", "command", "version", "from"];
        let Some(entries) = item.entries() else {
            problems.push(
                Problem::new(
                    "not_a_step",
                    "ステップの形ではありません。「name」と「command」を書いてください。",
                    "This is not a step: write \"name\" and \"command\".",
                )
                .at(item.position),
            );
            return None;
        };
        let (head, settings): (Vec<_>, Vec<_>) =
            entries.iter().cloned().partition(|(key, _)| key.text().is_some_and(|k| HEAD.contains(&k)));
        let head = Located { position: item.position, node: Node::Map(head) };
        match head.read::<StepHead>() {
            Ok(StepHead { name, command, version, from }) => {
                let settings = Located { position: item.position, node: Node::Map(settings) };
                let version = version.unwrap_or(At { value: FIRST_VERSION, position: command.position });
                Some(Self { name, command, version, from: from.0, settings })
            }
            Err(e) => {
                let name = Self::name_of(item);
                let mut found = vec![Problem::from(e)];
                // The head is wrong; a key that looks like one of its own is probably why.
                let near = settings
                    .iter()
                    .filter(|(k, _)| crate::problem::nearest(k.text().unwrap_or_default(), HEAD).is_some());
                refuse_unknown(&near.cloned().collect::<Vec<_>>(), &HEAD, &mut found);
                problems.extend(found.into_iter().map(|p| Problem { step: name.clone(), ..p }));
                None
            }
        }
    }

    /// Where a setting was written, or the step where it was not.
    pub fn position_of(&self, setting: &str) -> Position {
        let entries = self.settings.entries().unwrap_or_default();
        entries.iter().find(|(k, _)| k.text() == Some(setting)).map_or(self.name.position, |(_, v)| v.position)
    }

    /// Reports every key that is no setting of the command.
    pub(crate) fn refuse_unknown_keys(&self, known: &[&str], problems: &mut Vec<Problem>) -> bool {
        let before = problems.len();
        for (key, _) in self.settings.entries().unwrap_or_default() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let (ja, en) = proposal(name, known.iter().copied());
                problems.push(
                    Problem::new(
                        "unknown_key",
                        format!("コマンド {} に「{name}」という設定はありません。{ja}", self.command.value),
                        format!("The command {} has no setting \"{name}\".{en}", self.command.value),
                    )
                    .in_step(&self.name.value)
                    .in_setting(name)
                    .at(key.position),
                );
            }
        }
        problems.len() > before
    }
}

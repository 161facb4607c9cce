//! What the peers said, committed: a head that tells to which cases, then a line of JSON per case.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::case::Case;
use super::peers::{Peer, Said};

/// To which cases the answers are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The generator's seed.
    pub seed: u64,
    /// Cases of each command.
    pub cases: usize,
    /// SHA-256 of the cases as the peers read them: other cases have other answers.
    pub digest: String,
    /// The peers' versions.
    pub versions: String,
}

/// The file of a peer's answers.
fn file(folder: &Path, peer: Peer) -> std::path::PathBuf {
    folder.join(format!("relations-{}.jsonl", peer.name().to_lowercase()))
}

/// The digest of cases.
pub fn digest(cases: &[Case]) -> String {
    let mut digest = Sha256::new();
    for case in cases {
        digest.update(case.json().to_string());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes what the peers said.
pub fn write(folder: &Path, head: &Head, said: &Said) -> Result<(), String> {
    for (peer, text) in said {
        let head = serde_json::to_string(head).map_err(|e| e.to_string())?;
        let path = file(folder, *peer);
        std::fs::write(&path, format!("{head}\n{text}")).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// Reads what the peers said, and to which cases.
pub fn read(folder: &Path) -> Result<(Head, Said), String> {
    let mut all = None;
    let mut said = Said::new();
    for peer in Peer::ALL {
        let path = file(folder, peer);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let (first, rest) = text.split_once('\n').ok_or_else(|| format!("{} is empty", path.display()))?;
        let head: Head = serde_json::from_str(first).map_err(|e| format!("{}: {e}", path.display()))?;
        if all.get_or_insert_with(|| head.clone()) != &head {
            return Err("the peers' answers are not to the same cases".to_owned());
        }
        said.insert(peer, rest.to_owned());
    }
    all.map(|head| (head, said)).ok_or_else(|| "no peer".to_owned())
}

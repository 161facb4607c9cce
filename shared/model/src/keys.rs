//! Where things live in the table. IAM policies in template.yaml go by these prefixes (tests/law compares them).

use crate::ids::{RunId, UnitId};
use crate::run::Method;
use crate::schedule::ScheduleId;
use crate::store::Key;

/// Prefix of items that api writes and may not read.
pub const PAYLOAD: &str = "PAYLOAD#";
/// Prefix of secrets' hashes.
pub const SECRET: &str = "SECRET#";
/// Prefix of access tokens' hashes.
pub const TOKEN: &str = "TOKEN#";
/// Prefix of a unit's own items: definition, state, runs, notification ids.
pub const UNIT: &str = "UNIT#";
/// Prefix of a unit's flow documents.
pub const FLOWS: &str = "FLOWS#";
/// Prefix of a domain's items: connections, the list of units.
pub const DOMAIN: &str = "DOMAIN#";
/// Prefix of a domain's gate.
pub const GATE: &str = "GATE#";
/// Prefix of a domain's schedules.
pub const SCHEDULE: &str = "SCHEDULE#";
/// Prefix of a domain's counters.
pub const NUMBER: &str = "NUMBER#";

/// A secret of a realtime URL, by its hash.
pub fn secret(hash: &str) -> Key {
    Key::new(format!("{SECRET}{hash}"), "SECRET")
}

/// An access token of the trigger API, by its hash.
pub fn token(hash: &str) -> Key {
    Key::new(format!("{TOKEN}{hash}"), "TOKEN")
}

/// Partition of a unit.
pub fn unit_partition(unit: &UnitId) -> String {
    format!("{UNIT}{unit}")
}

/// A unit's definition.
pub fn unit(unit: &UnitId) -> Key {
    Key::new(unit_partition(unit), "UNIT")
}

/// A unit's state.
pub fn state(unit: &UnitId) -> Key {
    Key::new(unit_partition(unit), "STATE")
}

/// The unit that a key is of, for keys that [`state`] made.
pub fn unit_of_state(key: &Key) -> Option<UnitId> {
    (key.sk == "STATE").then(|| key.pk.strip_prefix(UNIT).map(|u| UnitId(u.to_owned()))).flatten()
}

/// Sort key prefix of runs.
pub const RUN: &str = "RUN#";

/// A run. Twelve digits: sorts in order, and no unit lives long enough for more.
pub fn run(id: &RunId) -> Key {
    Key::new(unit_partition(&id.unit), format!("{RUN}{:012}", id.seq))
}

/// The parameters of a run.
pub fn payload(id: &RunId) -> Key {
    Key::new(format!("{PAYLOAD}{id}"), "PAYLOAD")
}

/// Sort key prefix of the parameters of webhooks that joined a run.
pub const JOINED: &str = "JOINED#";

/// The parameters of the webhook that joined a run as number `n`, from 2.
pub fn joined(id: &RunId, n: u32) -> Key {
    Key::new(format!("{PAYLOAD}{id}"), format!("{JOINED}{n:04}"))
}

/// A notification id that was seen.
pub fn notification(unit: &UnitId, id: &str) -> Key {
    Key::new(unit_partition(unit), format!("NOTE#{id}"))
}

/// A request whose caller gave it an id: by the way that it came, and by whose URL. Hashed, since the key holds the names of
/// callers and their ids as they were sent.
pub fn request(unit: &UnitId, way: Method, caller: Option<&str>, id: &str) -> Key {
    let whose = caller.map_or("own".to_owned(), |name| format!("caller {} {name}", name.len()));
    Key::new(unit_partition(unit), format!("ASKED#{}#{}", way.label(), hash(&format!("{whose}\0{id}"))))
}

/// What is kept of a unit's refused calls.
pub fn refusals(unit: &UnitId) -> Key {
    Key::new(unit_partition(unit), "REFUSALS")
}

/// A signature that has started a run.
pub fn signature(unit: &UnitId, signature: &str) -> Key {
    Key::new(unit_partition(unit), format!("SIGNED#{signature}"))
}

/// Flow number `n` of a unit, from 0.
pub fn flow(unit: &UnitId, n: usize) -> Key {
    Key::new(format!("{FLOWS}{unit}"), format!("FLOW#{n:04}"))
}

/// Partition of a domain.
pub fn domain_partition(domain: &str) -> String {
    format!("{DOMAIN}{domain}")
}

/// The domain's gate.
pub fn gate(domain: &str) -> Key {
    Key::new(format!("{GATE}{domain}"), "GATE")
}

/// The domain that a key is of, for keys that [`gate`] made.
pub fn domain_of_gate(key: &Key) -> Option<&str> {
    key.pk.strip_prefix(GATE)
}

/// Partition of a domain's schedules.
pub fn schedules(domain: &str) -> String {
    format!("{SCHEDULE}{domain}")
}

/// Sort key prefix of the schedules of a unit.
pub fn schedules_of_unit(unit: &UnitId) -> String {
    format!("{unit}#")
}

/// A schedule. Listed by domain, and by unit within it.
pub fn schedule(domain: &str, unit: &UnitId, id: &ScheduleId) -> Key {
    Key::new(schedules(domain), format!("{}{id}", schedules_of_unit(unit)))
}

/// The domain that a key is of, for keys that [`schedule`] made.
pub fn domain_of_schedule(key: &Key) -> Option<&str> {
    key.pk.strip_prefix(SCHEDULE)
}

/// Sort key prefix of a domain's list of units.
pub const UNIT_OF_DOMAIN: &str = "UNIT#";

/// A unit in its domain's list.
pub fn unit_of_domain(domain: &str, unit: &UnitId) -> Key {
    Key::new(domain_partition(domain), format!("{UNIT_OF_DOMAIN}{unit}"))
}

/// Sort key prefix of a domain's connections.
pub const CONNECTION: &str = "CONNECTION#";

/// A connection.
pub fn connection(domain: &str, name: &str) -> Key {
    Key::new(domain_partition(domain), format!("{CONNECTION}{name}"))
}

/// Where notices of a domain's units go.
pub fn targets(domain: &str) -> Key {
    Key::new(domain_partition(domain), "NOTIFY")
}

/// Sort key prefix of a domain's named numbers.
pub const NAMED_NUMBER: &str = "NUMBER#";

/// A number that is registered for a domain.
pub fn named_number(domain: &str, name: &str) -> Key {
    Key::new(domain_partition(domain), format!("{NAMED_NUMBER}{name}"))
}

/// A counter, by the hash of what it counts: names of fields and values of groups have no bound that a key would fit.
pub fn counter(domain: &str, what: &str) -> Key {
    Key::new(format!("{NUMBER}{domain}"), hash(what))
}

/// The numbers that an output of a run holds of a counter.
pub fn held_numbers(id: &RunId, output: &str, counter: &str) -> Key {
    let hash = hash(&format!("{output}\0{counter}"));
    Key::new(unit_partition(&id.unit), format!("HELD#{:012}#{hash}", id.seq))
}

/// The calls that flow number `n` of a run asks for, from 0. Beside the run's parameters: they are values of records too.
pub fn calls(id: &RunId, n: usize) -> Key {
    Key::new(format!("{PAYLOAD}{id}"), format!("CALLS#{n:04}"))
}

fn hash(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Partition of the list of domains.
pub const DOMAINS: &str = "DOMAINS";

/// A domain in the list of domains.
pub fn domain(domain: &str) -> Key {
    Key::new(DOMAINS, domain)
}

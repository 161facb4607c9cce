//! Invariant 7: who holds a realtime URL can start its unit and learn how its runs stand, and nobody else learns anything.
//! A world of its own, explored exhaustively: secrets of two units and of a named caller are made, take each other's place with
//! and without an overlap, expire, and go with their caller or their unit; in each state every call is tried that anybody can
//! make who holds a secret that there ever was, or guesses one. What becomes of secrets is decided by the real decisions
//! (`SecretRef::outlives`, `SecretRef::dropped`, `SecretItem::alive`); around them stand the ledger's transactions and the door
//! of functions/api, as that crate's own tests show it over HTTP.
//!
//! That an answer holds no record data follows from its type: `Standing` has no text. That the function which the internet
//! reaches has no right to read a credential or a stored payload is shown by tests/law (`template::rights`).

mod door;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::clock::Timestamp;
use model::secret_url::{SecretItem, SecretRef};
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::explore::switch;
use crate::world::id;

/// For how long a token is good, in this world.
const TOKEN: Duration = Duration::from_secs(2);
/// For how long old and new secrets are good together, where they are.
const OVERLAP: Duration = Duration::from_secs(1);
/// After how long a secret dies by itself, where it does.
const EXPIRES: Duration = Duration::from_secs(2);

/// One thing that is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Blind {
    /// Whether a secret has died.
    Death,
    /// An old secret that lives on has no end.
    EndOfOverlap,
    /// An old secret lives on for the overlap, also where it would have died before.
    EarlierEnd,
    /// Old secrets stay as they are.
    Dropping,
    /// The unit that the path names.
    NamedUnit,
    /// The unit of the run that is asked for.
    UnitOfRun,
    /// The unit of a token.
    UnitOfToken,
    /// The caller of a token.
    CallerOfToken,
    /// Whether a token has died.
    DeathOfToken,
    /// A dead secret is answered in words of its own.
    OneAnswer,
}

#[derive(Clone, Debug)]
struct Urls {
    depth: usize,
    without: Option<Blind>,
}

/// A step of an administrator, of somebody who holds a secret, or of time. Secrets are told apart by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A secret of the unit, or of its named caller, takes the place of those before it.
    Fresh { unit: usize, named: bool, overlap: bool, expires: bool },
    /// The unit's caller goes.
    RemoveCaller(usize),
    /// The unit goes.
    RemoveUnit(usize),
    /// Who holds the secret asks for a token.
    Token(usize),
    /// A second passes.
    Pass,
}

/// What is true of a secret, for the judge alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Truth {
    unit: usize,
    named: bool,
    /// All instants that were said to be its end.
    ends: BTreeSet<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    now: Timestamp,
    steps: usize,
    /// The secrets that each unit knows of; `None`: it is gone.
    units: Vec<Option<Vec<SecretRef>>>,
    /// What stands under the hash of a secret.
    secrets: BTreeMap<String, SecretItem>,
    /// Tokens by the secret that they were got with; the last of each.
    tokens: BTreeMap<usize, SecretItem>,
    truth: Vec<Truth>,
}

const NAME: &str = "caller";

fn hash(secret: usize) -> String {
    format!("{secret:02}")
}

impl Urls {
    fn lacks(&self, what: Blind) -> bool {
        self.without == Some(what)
    }

    /// The ledger's transaction that makes a secret.
    fn fresh(&self, world: &mut World, (unit, named): (usize, bool), overlap: bool, expires: bool) -> Option<()> {
        let (now, overlap) = (world.now, overlap.then_some(OVERLAP));
        let until = expires.then_some(now + EXPIRES);
        let caller = named.then(|| NAME.to_owned());
        let secret = world.truth.len();
        let known = world.units[unit].as_mut()?;
        let mut kept = vec![SecretRef { caller: caller.clone(), ..SecretRef::new(hash(secret), until) }];
        for old in known.drain(..) {
            if old.caller != caller || self.lacks(Blind::Dropping) {
                kept.push(old);
                continue;
            }
            let before = SecretRef { until: old.until.filter(|_| !self.lacks(Blind::EarlierEnd)), ..old.clone() };
            let outlives = before.outlives(now, overlap);
            match (outlives, world.secrets.get_mut(&old.hash)) {
                (Some(at), Some(stored)) => {
                    stored.until = Some(at).filter(|_| !self.lacks(Blind::EndOfOverlap));
                    kept.push(SecretRef { until: Some(at), ..old });
                }
                _ => put_dead(&mut world.secrets, unit, &old, now),
            }
        }
        *known = kept;
        world.secrets.insert(hash(secret), SecretItem { caller, ..SecretItem::new(id(unit), until) });
        let end = now + overlap.unwrap_or_default();
        world.truth.iter_mut().filter(|t| t.unit == unit && t.named == named).for_each(|old| {
            old.ends.insert(end);
        });
        world.truth.push(Truth { unit, named, ends: until.into_iter().collect() });
        Some(())
    }

    fn after(&self, world: &mut World, step: &Step) -> Option<()> {
        let now = world.now;
        match *step {
            Step::Fresh { unit, named, overlap, expires } => self.fresh(world, (unit, named), overlap, expires)?,
            Step::RemoveCaller(unit) => {
                let known = world.units[unit].as_mut()?;
                let (gone, kept): (Vec<_>, Vec<_>) = known.drain(..).partition(|secret| secret.caller.is_some());
                *known = kept;
                gone.iter().for_each(|secret| put_dead(&mut world.secrets, unit, secret, now));
                end(&mut world.truth, now, |t| t.unit == unit && t.named);
            }
            Step::RemoveUnit(unit) => {
                let known = world.units[unit].take()?;
                known.iter().for_each(|secret| drop(world.secrets.remove(&secret.hash)));
                end(&mut world.truth, now, |t| t.unit == unit);
            }
            Step::Token(secret) => {
                let opened = self.door(world, Some(secret), None).ok()?;
                let token = SecretItem { caller: opened.caller, ..SecretItem::new(opened.unit, Some(now + TOKEN)) };
                world.tokens.insert(secret, token);
            }
            Step::Pass => world.now = now + Duration::from_secs(1),
        }
        Some(())
    }
}

fn put_dead(secrets: &mut BTreeMap<String, SecretItem>, unit: usize, secret: &SecretRef, now: Timestamp) {
    secrets.insert(secret.hash.clone(), SecretItem::dead(id(unit), secret.caller.clone(), secret.dropped(now)));
}

fn end(truth: &mut [Truth], now: Timestamp, whose: impl Fn(&Truth) -> bool) {
    truth.iter_mut().filter(|t| whose(t)).for_each(|t| {
        t.ends.insert(now);
    });
}

impl Model for Urls {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut world = World {
            now: Timestamp(0),
            steps: 0,
            units: vec![Some(Vec::new()), Some(Vec::new())],
            secrets: BTreeMap::new(),
            tokens: BTreeMap::new(),
            truth: Vec::new(),
        };
        for unit in [0, 1] {
            self.fresh(&mut world, (unit, false), false, false).expect("the unit is there");
        }
        vec![world]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Step>) {
        if world.steps == self.depth {
            return;
        }
        actions.push(Step::Pass);
        actions.extend((0..world.truth.len()).map(Step::Token));
        // All that happens to one unit; the other stands beside it, and sees none of it.
        for (named, overlap, expires) in (0..8).map(|n| (n & 1 > 0, n & 2 > 0, n & 4 > 0)) {
            actions.push(Step::Fresh { unit: 0, named, overlap, expires });
        }
        actions.extend([Step::RemoveCaller(0), Step::RemoveUnit(0)]);
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        self.after(&mut world, &step)?;
        world.steps += 1;
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(STARTS, |urls: &Urls, world: &World| urls.starts_are_right(world)),
            Property::always(TELLS, |urls: &Urls, world: &World| urls.tells_are_right(world)),
            Property::always(SAME, |urls: &Urls, world: &World| urls.refusals_are_the_same(world)),
            Property::sometimes(TWO, |_, world: &World| {
                world.truth.iter().filter(|t| t.unit == 0 && !t.named && t.lives(world.now)).count() > 1
            }),
            Property::sometimes(OUTLIVED, |urls: &Urls, world: &World| {
                let dead = |token: &usize| !world.truth[*token].lives(world.now);
                urls.good_tokens(world).any(|token| dead(&token))
            }),
        ]
    }
}

const STARTS: &str =
    "a unit is started by those who hold a secret of it that is good at this instant, and by nobody else";
const TELLS: &str = "it is told of a run to those who hold such a secret of its unit and a good token got with one";
const SAME: &str = "a secret that is dead or another unit's learns what a guessed one learns";
const TWO: &str = "two secrets of one unit are good together";
const OUTLIVED: &str = "a token is good whose secret is dead";

fn explore(depth: usize, without: Option<Blind>) -> BTreeSet<&'static str> {
    let finish = if without.is_some() { HasDiscoveries::AnyFailures } else { HasDiscoveries::All };
    let checker = Urls { depth, without }.checker().threads(1).finish_when(finish).spawn_bfs().join();
    #[expect(clippy::print_stdout, reason = "what was explored is a result")]
    let () = println!("{} states within {depth} steps", checker.unique_state_count());
    checker.discoveries().into_keys().collect()
}

#[test]
fn who_holds_a_url_starts_its_unit_and_learns_of_its_runs_and_nobody_else_learns_anything() {
    let depth = 4 + switch("SUIRO_DEPTH").unwrap_or(0).min(2);
    assert_eq!(explore(depth, None), BTreeSet::from([TWO, OUTLIVED]));
}

#[test]
fn whatever_is_not_looked_at_is_found() {
    for (blind, broken) in [
        (Blind::Death, STARTS),
        (Blind::EndOfOverlap, STARTS),
        (Blind::EarlierEnd, STARTS),
        (Blind::Dropping, STARTS),
        (Blind::NamedUnit, STARTS),
        (Blind::UnitOfRun, TELLS),
        (Blind::UnitOfToken, TELLS),
        (Blind::CallerOfToken, TELLS),
        (Blind::DeathOfToken, TELLS),
        (Blind::OneAnswer, SAME),
    ] {
        assert!(explore(4, Some(blind)).contains(broken), "without {blind:?}: {broken}");
    }
}

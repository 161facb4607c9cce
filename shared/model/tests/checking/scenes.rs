//! The worlds that are explored, and what must be found in them.

use std::collections::BTreeSet;

use model::limits::MAX_ATTEMPTS;
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::rules::{RULES, Rule, Without};
use crate::steps::Step;
use crate::world::{End, Scene, World};

/// Situations that a scene must lead to, or its exploration says little.
const ENDED: &str = "all runs have ended";
const WOKEN: &str = "a parked run is taken up";
const TAKEN_OVER: &str = "a dead worker's run is taken up";
const PARKED: &str = "two runs are parked";
const SCHEDULED_DIED: &str = "a dead worker's scheduled run is taken up";
const SCHEDULED_TWICE: &str = "the second scheduled run is running";
const GIVEN_UP: &str = "a run is given up that has written a part";

impl Model for Scene {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![self.begin()]
    }

    fn actions(&self, state: &World, actions: &mut Vec<Step>) {
        actions.extend(self.steps(state));
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        self.after(last, step)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::sometimes(ENDED, |_, world: &World| world.runs().all(|run| world.past.ends.contains_key(&run))),
            Property::sometimes(WOKEN, |_, world: &World| world.leases().any(|l| l.attempt > 1 && l.deaths == 0)),
            Property::sometimes(TAKEN_OVER, |_, world: &World| {
                world.leases().any(|l| l.deaths > 0 && l.parked.is_none())
            }),
            Property::sometimes(PARKED, |_, world: &World| world.leases().filter(|l| l.parked.is_some()).count() > 1),
            Property::sometimes(SCHEDULED_DIED, |_, world: &World| world.leases().any(|l| l.scheduled && l.deaths > 0)),
            Property::sometimes(SCHEDULED_TWICE, |_, world: &World| {
                world.past.schedule_ended.is_some() && world.leases().any(|lease| lease.scheduled)
            }),
            Property::sometimes(GIVEN_UP, |scene: &Scene, world: &World| {
                let given_up = |end: &End| scene.died > 0 && !end.succeeded && end.told.is_some_and(|told| told > 0);
                world.past.ends.values().any(given_up)
            }),
        ];
        // A property is a plain function, so each rule needs its own.
        macro_rules! always {
            ($($rule:ident),*) => { vec![$(Property::always(name(Rule::$rule), |scene: &Scene, world: &World| {
                world.holds(Rule::$rule, scene)
            })),*] };
        }
        properties.extend(always!(
            Exclusive, Counted, Bounded, InLine, Apart, DueFirst, Interlude, HeldIsFree, Kept, EndsOnce, Once, Fenced,
            Told
        ));
        properties
    }
}

pub fn name(rule: Rule) -> &'static str {
    RULES.iter().find(|(known, _)| *known == rule).map_or("", |(_, name)| name)
}

fn deeper() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    let more = std::env::var("SUIRO_DEPTH").ok();
    more.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Explores a scene to its depth; answers the rules that it breaks, with the way there. Stops early where it has found what is
/// looked for.
fn explore(scene: Scene, depth: usize, looked_for: Option<Rule>) -> Vec<(&'static str, String)> {
    let finish = match looked_for {
        Some(rule) => HasDiscoveries::AllOf(BTreeSet::from([name(rule)])),
        None => HasDiscoveries::AnyFailures,
    };
    let checker = scene.checker().threads(2).target_max_depth(depth).finish_when(finish).spawn_bfs().join();
    #[expect(clippy::print_stdout, reason = "what was explored is a result")]
    let () = println!("{} states to depth {}", checker.unique_state_count(), checker.max_depth());
    let told = checker.discoveries().into_iter().map(|(name, path)| (name, format!("{:#?}", path.into_actions())));
    told.collect()
}

/// No rule may be broken, and these situations must have come up.
fn sound(scene: Scene, situations: &[&str]) {
    let depth = scene.depth + deeper();
    let found = explore(scene, depth, None);
    let broken: Vec<_> = found.iter().filter(|(found, _)| RULES.iter().any(|(_, name)| name == found)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    for situation in situations {
        assert!(found.iter().any(|(found, _)| found == situation), "it never comes to this: {situation}");
    }
}

/// Without this, the exploration of the same scene finds that rule broken.
pub fn caught(without: Without, rule: Rule, scene: Scene) {
    let depth = scene.depth;
    let broken = explore(Scene { without: Some(without), ..scene }, depth, Some(rule));
    let found = broken.iter().find(|(found, _)| *found == name(rule));
    assert!(found.is_some(), "without {without:?}, {rule} must be broken; found: {broken:#?}");
}

/// Two units, a schedule that falls due once, three workers, two faults: everything at once.
pub fn all_together() -> Scene {
    Scene {
        requests: vec![1, 1],
        records: vec![2, 2],
        chunks: 2,
        fenced: true,
        schedules: 1,
        workers: 3,
        faults: 2,
        budget: 3,
        starts: 5,
        wait: 600,
        horizon: 400,
        depth: 9,
        died: 0,
        without: None,
    }
}

/// One run of two chunks, two workers: leases, journal and fence.
pub fn journal() -> Scene {
    Scene { requests: vec![1], schedules: 0, workers: 2, horizon: 200, depth: 17, ..all_together() }
}

/// The same where so many workers have died with the run that the next one that dies is the last that goes on with it.
pub fn given_up() -> Scene {
    Scene { died: MAX_ATTEMPTS - 1, depth: 14, ..journal() }
}

/// One run of a unit without a log app.
pub fn logless() -> Scene {
    Scene { chunks: 0, fenced: false, depth: 16, ..journal() }
}

/// Three runs that want 2, 3 and 1 of three records.
pub fn crowd() -> Scene {
    Scene {
        requests: vec![1, 1, 1],
        records: vec![2, 3, 1],
        chunks: 0,
        schedules: 0,
        faults: 0,
        horizon: 130,
        depth: 13,
        ..all_together()
    }
}

/// More requests than may start in a window.
pub fn rush() -> Scene {
    Scene { requests: vec![3], chunks: 0, schedules: 0, starts: 2, horizon: 300, depth: 15, ..all_together() }
}

/// A schedule that falls due twice beside realtime runs that do not wait long.
pub fn nightly() -> Scene {
    Scene { chunks: 0, schedules: 2, workers: 2, faults: 1, wait: 100, horizon: 300, depth: 10, ..all_together() }
}

#[test]
fn units_a_schedule_and_three_workers() {
    sound(all_together(), &[TAKEN_OVER]);
}

#[test]
fn one_run_and_its_journal() {
    sound(journal(), &[ENDED, TAKEN_OVER]);
}

#[test]
fn one_run_that_is_given_up() {
    sound(given_up(), &[ENDED, TAKEN_OVER, GIVEN_UP]);
}

#[test]
fn one_run_without_a_log_app() {
    sound(logless(), &[ENDED, TAKEN_OVER]);
}

#[test]
fn three_runs_and_little_room() {
    sound(crowd(), &[PARKED, WOKEN]);
}

#[test]
fn more_requests_than_starts() {
    sound(rush(), &[ENDED]);
}

#[test]
fn a_schedule_among_realtime_runs() {
    sound(nightly(), &[SCHEDULED_DIED, SCHEDULED_TWICE, TAKEN_OVER]);
}

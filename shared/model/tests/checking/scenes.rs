//! The worlds that are explored, and what must be found in them.

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::rules::{RULES, Rule};
use crate::steps::Step;
use crate::world::{Scene, World};

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
        // A property is a plain function, so each rule needs its own.
        macro_rules! always {
            ($($rule:ident),*) => { vec![$(Property::always(name(Rule::$rule), |scene: &Scene, world: &World| {
                world.holds(Rule::$rule, scene)
            })),*] };
        }
        always!(Exclusive, Counted, Bounded, InLine, Apart, DueFirst, Interlude, HeldIsFree, Kept, EndsOnce, Once)
    }
}

fn name(rule: Rule) -> &'static str {
    RULES.iter().find(|(known, _)| *known == rule).map_or("", |(_, name)| name)
}

fn deeper() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    let more = std::env::var("SUIRO_DEPTH").ok();
    more.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Explores a scene to its depth; answers the rules that it breaks, with the way there.
pub fn explore(scene: Scene) -> Vec<(&'static str, String)> {
    let depth = scene.depth + if scene.without.is_none() { deeper() } else { 0 };
    let finish = if scene.without.is_some() { HasDiscoveries::AnyFailures } else { HasDiscoveries::All };
    let checker = scene.checker().threads(2).target_max_depth(depth).finish_when(finish).spawn_bfs().join();
    println!("{} states to depth {}", checker.unique_state_count(), checker.max_depth());
    let told = checker.discoveries().into_iter().map(|(name, path)| (name, format!("{:#?}", path.into_actions())));
    told.collect()
}

/// Nothing may be broken.
pub fn sound(scene: Scene) {
    let broken = explore(scene);
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Two units, a schedule that falls due once, three workers, two faults: the issue's own size.
pub fn all_together() -> Scene {
    Scene {
        requests: vec![1, 1],
        records: vec![2, 2],
        chunks: 2,
        schedules: 1,
        workers: 3,
        faults: 2,
        budget: 3,
        starts: 5,
        wait: 600,
        horizon: 400,
        depth: 9,
        without: None,
    }
}

#[test]
fn units_a_schedule_and_three_workers() {
    sound(all_together());
}

//! The exploration: stateright's, and what must be found by it.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::rules::{RULES, Rule, Without};
use crate::scene::Scene;
use crate::situations::*;
use crate::steps::Step;
use crate::world::World;

/// A state that the exploration has reached, and in how many steps. Breadth first and by one thread, so that the first way
/// to a state is a shortest one: then all that can happen within the depth is seen, and each state of it is judged.
#[derive(Clone, Debug)]
pub struct Reached {
    pub world: World,
    pub steps: usize,
}

impl PartialEq for Reached {
    fn eq(&self, other: &Self) -> bool {
        self.world == other.world
    }
}

impl Hash for Reached {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.world.hash(state);
    }
}

impl Model for Scene {
    type State = Reached;
    type Action = Step;

    fn init_states(&self) -> Vec<Reached> {
        vec![Reached { world: self.begun(), steps: 0 }]
    }

    fn actions(&self, state: &Reached, actions: &mut Vec<Step>) {
        if state.steps < self.depth {
            actions.extend(self.steps(&state.world));
        }
    }

    fn next_state(&self, last: &Reached, step: Step) -> Option<Reached> {
        let world = self.after(&last.world, step)?;
        Some(Reached { world, steps: last.steps + 1 })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        // A property is a plain function, so each rule and each situation needs its own.
        macro_rules! each {
            (always: $($rule:ident)*; sometimes: $($situation:ident)*) => { vec![
                $(Property::always(name(Rule::$rule), |scene: &Scene, state: &Reached| {
                    state.world.holds(Rule::$rule, scene)
                }),)*
                $(Property::sometimes($situation.0, |scene: &Scene, state: &Reached| {
                    $situation.1(scene, &state.world)
                }),)*
            ] };
        }
        let properties = each!(
            always: Exclusive Counted Bounded InLine Apart DueFirst Interlude HeldIsFree Kept EndsOnce Once Fenced Told
                Unknown Logged Coded;
            sometimes: ENDED WOKEN TAKEN_OVER PARKED SCHEDULED_DIED SCHEDULED_TWICE GIVEN_UP TWO_WRITE SCHEDULE_FIRST
                SCHEDULE_WAITS PARKED_BESIDE BOTH_ENDED HALF_ENDED SETTLED UNCERTAIN BEGUN_ANEW LOGGED_LATER
        );
        assert_eq!(properties.len(), RULES.len() + SITUATIONS.len(), "a rule or a situation is not looked for");
        properties
    }
}

pub fn name(rule: Rule) -> &'static str {
    RULES.iter().find(|(known, _)| *known == rule).map_or("", |(_, name)| name)
}

/// A number that the environment sets.
pub fn switch(name: &str) -> Option<usize> {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok())
}

/// Explores a scene to its depth; answers the rules that it breaks and the situations that it leads to, with the way there.
/// Stops early where it has found what is looked for.
fn explore(scene: Scene, looked_for: Option<Rule>) -> Vec<(&'static str, String)> {
    let finish = match looked_for {
        Some(rule) => HasDiscoveries::AllOf(BTreeSet::from([name(rule)])),
        None => HasDiscoveries::AnyFailures,
    };
    let depth = scene.depth;
    let checker = scene.checker().threads(1).finish_when(finish).spawn_bfs().join();
    #[expect(clippy::print_stdout, reason = "what was explored is a result")]
    let () = println!("{} states within {depth} steps", checker.unique_state_count());
    let told = checker.discoveries().into_iter().map(|(name, path)| (name, format!("{:#?}", path.into_actions())));
    told.collect()
}

/// No rule may be broken, and these situations must have come up.
pub fn sound(scene: Scene, situations: &[Situation]) {
    let depth = scene.depth + switch("SUIRO_DEPTH").unwrap_or(0);
    let found = explore(Scene { depth, ..scene }, None);
    let broken: Vec<_> = found.iter().filter(|(found, _)| RULES.iter().any(|(_, name)| name == found)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    for (situation, _) in situations {
        assert!(found.iter().any(|(found, _)| found == situation), "it never comes to this: {situation}");
    }
}

/// Without this, the exploration of the same scene finds that rule broken.
pub fn caught(without: Without, rule: Rule, scene: Scene) {
    let broken = explore(Scene { without: Some(without), ..scene }, Some(rule));
    let found = broken.iter().find(|(found, _)| *found == name(rule));
    assert!(found.is_some(), "without {without:?}, {rule} must be broken; found: {broken:#?}");
}

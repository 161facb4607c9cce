//! Walks: whole lives of a world, one step after the other by chance, from the beginning until all runs have ended and are told.
//! They see what lies beyond the depth of the exploration; and at each step they look whether the canonical form loses anything.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::explore::{name, switch};
use crate::meeting::{all_together, two_units};
use crate::rules::RULES;
use crate::scene::Scene;
use crate::situations::{
    BOTH_ENDED, ENDED, HALF_ENDED, LOGGED_LATER, PARKED_BESIDE, SCHEDULE_FIRST, SCHEDULE_WAITS, SCHEDULED_DIED,
    SETTLED, SITUATIONS, Situation, TAKEN_OVER, TWO_WRITE, UNCERTAIN, WOKEN,
};
use crate::steps::{How, Step};
use crate::world::World;

/// Most steps of a walk.
const MOST: usize = 2_000;

/// Whether something goes wrong in a step.
fn is_fault(step: &Step) -> bool {
    match step {
        Step::Die(_) | Step::Leave(_) => true,
        Step::End(_, how) => *how != How::Done,
        Step::Arrive { answered, .. } => !answered,
        _ => false,
    }
}

/// The next step: most often something that a worker does, now and then time, or something that goes wrong.
fn choose(rng: &mut StdRng, scene: &Scene, world: &World) -> Option<(Step, World)> {
    let mut steps = scene.steps(world);
    let (wait, fail) = (rng.random_bool(0.06), rng.random_bool(0.08));
    let likely = |step: &Step| (*step == Step::Pass) == wait && is_fault(step) == (fail && !wait);
    let liked: Vec<Step> = steps.iter().filter(|step| likely(step)).cloned().collect();
    if let Some(step) = liked.choose(rng)
        && let Some(next) = scene.plainly_after(world, step.clone())
    {
        return Some((step.clone(), next));
    }
    while !steps.is_empty() {
        let step = steps.swap_remove(rng.random_range(0..steps.len()));
        if let Some(next) = scene.plainly_after(world, step.clone()) {
            return Some((step, next));
        }
    }
    None
}

/// What can come next, in canonical forms, but for what stays as it is.
fn next(scene: &Scene, world: &World) -> Vec<World> {
    let mut here = world.clone();
    here.canonical(scene);
    let after = scene.steps(world).into_iter().filter_map(|step| scene.plainly_after(world, step));
    let canonical = after.map(|mut world| {
        world.canonical(scene);
        world
    });
    canonical.filter(|world| *world != here).collect()
}

/// From a world and from its canonical form the same can come next.
fn nothing_is_lost(scene: &Scene, world: &World) {
    let mut canonical = world.clone();
    canonical.canonical(scene);
    let (plain, short) = (next(scene, world), next(scene, &canonical));
    for other in &plain {
        assert!(short.contains(other), "the canonical form of {world:#?} does not lead to {other:#?}");
    }
    for other in &short {
        assert!(plain.contains(other), "only the canonical form of {world:#?} leads to {other:#?}");
    }
}

/// Walks so often; each of these situations must come up, and each walk must come to its end.
fn walk(scene: &Scene, walks: usize, situations: &[Situation]) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut steps = 0;
    for seed in 0..walks as u64 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = scene.begun();
        let (mut here, mut way) = (BTreeSet::new(), Vec::new());
        for _ in 0..MOST {
            for (rule, _) in RULES {
                let told = || format!("seed {seed}: {} is broken by {way:#?} in {world:#?}", name(rule));
                assert!(world.holds(rule, scene), "{}", told());
            }
            here.extend(SITUATIONS.iter().filter(|(_, is)| is(scene, &world)).map(|(situation, _)| *situation));
            if world.at_rest() {
                break;
            }
            if seed % 16 == 0 {
                nothing_is_lost(scene, &world);
            }
            let Some((step, next)) = choose(&mut rng, scene, &world) else { break };
            way.push((world.now, step));
            (world, steps) = (next, steps + 1);
        }
        assert!(world.at_rest(), "seed {seed}: it does not come to rest: {world:#?}");
        here.into_iter().for_each(|situation| *seen.entry(situation).or_default() += 1);
    }
    #[expect(clippy::print_stdout, reason = "what was walked is a result")]
    let () = println!("{walks} walks, {steps} steps: {seen:#?}");
    for (situation, _) in situations {
        assert!(seen.contains_key(situation), "no walk comes to this: {situation}");
    }
}

fn walks() -> usize {
    switch("SUIRO_WALKS").unwrap_or(320)
}

#[test]
fn whole_lives_of_three_units() {
    let scene = Scene { horizon: 100_000, faults: 4, ..all_together() };
    let all = [
        ENDED,
        TAKEN_OVER,
        WOKEN,
        SETTLED,
        HALF_ENDED,
        TWO_WRITE,
        PARKED_BESIDE,
        SCHEDULE_FIRST,
        SCHEDULE_WAITS,
        SCHEDULED_DIED,
        BOTH_ENDED,
    ];
    walk(&scene, walks(), &all);
}

#[test]
fn whole_lives_of_requests_that_do_not_wait_long() {
    let requests = vec![3, 2];
    let scene = Scene {
        requests,
        wait: 100,
        horizon: 100_000,
        schedules: 2,
        faults: 3,
        turned_away: 3,
        starts: 2,
        ..two_units()
    };
    walk(&scene, walks(), &[ENDED, BOTH_ENDED, LOGGED_LATER, SCHEDULE_FIRST, SCHEDULE_WAITS, TAKEN_OVER]);
}

#[test]
fn whole_lives_without_a_log_app() {
    let scene = Scene { fenced: false, chunks: 2, horizon: 100_000, faults: 4, ..two_units() };
    walk(&scene, walks(), &[ENDED, BOTH_ENDED, UNCERTAIN, TAKEN_OVER]);
}

//! Calls of units that move: ids belong to their domain, so what was called by id is called by name there.

use std::collections::{BTreeMap, BTreeSet};

use model::ledger::UnitView;
use model::unit::Unit;

use super::super::export::ExportedUnit;
use super::Incoming;

/// The names of exported units by their ids.
pub(super) fn names(exported: &[ExportedUnit]) -> BTreeMap<String, String> {
    exported.iter().map(|e| (e.unit.id.0.clone(), e.unit.name.clone())).collect()
}

/// What may surprise after the import, of which nothing hinders it: units of one name, which nobody can call by it, and
/// calls of units that are not there.
pub(super) fn notes(incoming: &[Incoming], here: &[UnitView], gone: &[Unit]) -> Vec<String> {
    let replaced = |unit: &Unit| incoming.iter().any(|i| i.replaces && i.unit.id == unit.id);
    let stay = here.iter().map(|v| &v.unit).filter(|unit| !replaced(unit) && !gone.iter().any(|g| g.id == unit.id));
    let after: Vec<&Unit> = stay.chain(incoming.iter().map(|i| &i.unit)).collect();
    let mut notes = Vec::new();
    let mut twice: BTreeSet<&str> = BTreeSet::new();
    for i in incoming {
        let same = after.iter().filter(|u| u.domain == i.unit.domain && u.name == i.unit.name).count();
        if same > 1 && twice.insert(&i.unit.name) {
            notes.push(format!(
                "「{0}」という名前の実行単位が{same}個になります。名前での呼び出し（call_unit）は失敗します / {same} units will be called {0:?}: a call by that name fails",
                i.unit.name
            ));
        }
        for place in i.flows.iter().filter_map(|text| flow::calls::places(text).ok()).flatten() {
            let known = |u: &&&Unit| u.domain == i.unit.domain && (u.id.0 == place.unit || u.name == place.unit);
            if !after.iter().any(|u| known(&u)) {
                notes.push(format!(
                    "{}: 呼び出す実行単位「{}」がありません / the unit {:?} that it calls is not there",
                    i.unit.name, place.unit, place.unit
                ));
            }
        }
    }
    notes
}

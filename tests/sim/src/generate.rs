//! Many records at once, for measurements: made from a template, stored without rules being checked.

use serde_json::{Map, Value, json};

use crate::form::{FieldDef, FieldType, Form};
use crate::kintone::error::ApiResult;
use crate::kintone::scope::Scope;
use crate::kintone::values::temporal::to_minute;
use crate::kintone::world::World;
use crate::record::{Code, Fields, Record};
use crate::spec::{Generate, IdPattern};

/// The mean distance of sparse ids where none is given.
const SPARSE_STEP: u64 = 10;
/// The longest run of neighbouring sparse ids.
const RUN_AT_MOST: u64 = 40;

/// Generates records and returns the ids of the first and the last one; none for a count of 0.
pub fn run(world: &mut World, scope: &Scope, order: &Generate) -> ApiResult<Option<(u64, u64)>> {
    let app = world.app(order.app)?;
    let form = std::sync::Arc::clone(&app.form);
    let person = scope.person(world);
    let mut random = Random(order.seed.wrapping_mul(2) + 1);
    let template: Vec<(Code, Node)> = form
        .fields
        .values()
        .filter(|field| form.is_in_records(field) && field.kind != FieldType::RecordNumber)
        .map(|field| (field.code.clone(), Node::of(&initial(world, &form, field, order, scope, &person))))
        .collect();
    let number_code = form.first_of(FieldType::RecordNumber).map(|field| field.code.clone());
    let mut ids = Ids::new(order);
    let (mut first, mut id) = (None, app.records().keys().next_back().copied().unwrap_or(0));
    for n in 1..=order.count {
        id += ids.step(&mut random);
        first.get_or_insert(id);
        let mut at = At { n, id, random: &mut random, rows: &mut world.last_row };
        let mut fields: Fields = template.iter().map(|(code, node)| (code.clone(), node.fill(&mut at))).collect();
        if let Some(code) = &number_code {
            fields.insert(code.clone(), form.record_number(id).into());
        }
        let record = Record { id, revision: 1, written_at: scope.now, fields };
        world.app_mut(order.app)?.store(record);
    }
    Ok(first.map(|first| (first, id)))
}

/// What a field holds before numbers are inserted.
fn initial(world: &World, form: &Form, field: &FieldDef, order: &Generate, scope: &Scope, person: &Value) -> Value {
    match field.kind {
        FieldType::Creator | FieldType::Modifier => return person.clone(),
        FieldType::CreatedTime | FieldType::UpdatedTime => return to_minute(scope.now).into(),
        FieldType::Status => return form.statuses.first().map_or(Value::Null, |name| name.as_str().into()),
        _ => {}
    }
    let Some(value) = order.template.get(field.code.as_ref()).and_then(|cell| cell.get("value")) else {
        return field.kind.empty();
    };
    match (field.kind, value) {
        (FieldType::Subtable, Value::Array(rows)) => rows.iter().map(|row| read_shape(field, row)).collect(),
        (kind, Value::Array(entities)) if kind.is_selection_of_entities() => {
            entities.iter().filter_map(|entity| entity["code"].as_str()).map(|code| world.entity(code)).collect()
        }
        (_, Value::Number(number)) => number.to_string().into(),
        (_, value) => value.clone(),
    }
}

fn read_shape(table: &FieldDef, row: &Value) -> Value {
    let mut cells = Map::new();
    for field in table.fields.values() {
        let value = row["value"][field.code.as_ref()].get("value").cloned().unwrap_or_else(|| field.kind.empty());
        cells.insert(field.code.to_string(), json!({ "type": field.kind.name(), "value": value }));
    }
    json!({ "id": ROW_ID, "value": cells })
}

/// Stands in a template for a new row's id.
const ROW_ID: &str = "{row}";

struct At<'a> {
    n: u64,
    id: u64,
    random: &'a mut Random,
    rows: &'a mut u64,
}

enum Node {
    Fixed(Value),
    Text(Vec<Piece>),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

enum Piece {
    Text(String),
    Number,
    Modulo(u64),
    Id,
    Row,
    Random(u64),
}

impl Node {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if text.contains('{') => Self::Text(pieces(text)),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => Self::Object(map.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect()),
            other => Self::Fixed(other.clone()),
        }
    }

    fn fill(&self, at: &mut At<'_>) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::List(items) => items.iter().map(|item| item.fill(at)).collect(),
            Self::Object(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.fill(at))).collect())
            }
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(fixed) => text.push_str(fixed),
                        Piece::Number => text.push_str(&at.n.to_string()),
                        Piece::Modulo(by) => text.push_str(&(at.n % by).to_string()),
                        Piece::Id => text.push_str(&at.id.to_string()),
                        Piece::Random(below) => text.push_str(&at.random.below(*below).to_string()),
                        Piece::Row => {
                            *at.rows += 1;
                            text.push_str(&at.rows.to_string());
                        }
                    }
                }
                text.into()
            }
        }
    }
}

/// Cuts a text at its placeholders; braces around anything else stay as they are.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        let above_zero = |digits: &str| digits.parse::<u64>().ok().filter(|number| *number > 0);
        let piece = match name {
            "n" => Some(Piece::Number),
            "id" => Some(Piece::Id),
            "row" => Some(Piece::Row),
            _ => match (name.strip_prefix("n%"), name.strip_prefix('r')) {
                (Some(by), _) => above_zero(by).map(Piece::Modulo),
                (_, Some(below)) => above_zero(below).map(Piece::Random),
                _ => None,
            },
        };
        match piece {
            Some(piece) => {
                pieces.push(Piece::Text(before.to_owned()));
                pieces.push(piece);
            }
            None => pieces.push(Piece::Text(format!("{before}{{{name}}}"))),
        }
        rest = tail;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

/// Tells the distance to the next id.
struct Ids {
    pattern: IdPattern,
    step: u64,
    left_in_run: u64,
}

impl Ids {
    fn new(order: &Generate) -> Self {
        let step = match (order.ids, order.id_step) {
            (IdPattern::Dense, 0) => 1,
            (IdPattern::Sparse, 0) => SPARSE_STEP,
            (_, step) => step,
        };
        Self { pattern: order.ids, step, left_in_run: 0 }
    }

    /// Sparse ids come in runs of neighbours, each followed by a gap that keeps the mean distance at `step`.
    fn step(&mut self, random: &mut Random) -> u64 {
        if self.pattern == IdPattern::Dense {
            return self.step;
        }
        if self.left_in_run > 0 {
            self.left_in_run -= 1;
            return 1;
        }
        let run = random.below(RUN_AT_MOST) + 1;
        self.left_in_run = run - 1;
        // The gap is uniform around its mean, which makes up for the run's own length.
        1 + random.below(2 * run * self.step.saturating_sub(1) + 1)
    }
}

/// A small generator (splitmix64): one seed, one sequence, on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

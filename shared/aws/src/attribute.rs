//! JSON bodies as DynamoDB attributes and back, so that items can be read in AWS's console.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue as A;
use serde_json::{Map, Number, Value as Json};

pub(crate) fn from_json(value: &Json) -> A {
    match value {
        Json::Null => A::Null(true),
        Json::Bool(b) => A::Bool(*b),
        Json::Number(n) => A::N(n.to_string()),
        Json::String(s) => A::S(s.clone()),
        Json::Array(list) => A::L(list.iter().map(from_json).collect()),
        Json::Object(map) => A::M(map.iter().map(|(k, v)| (k.clone(), from_json(v))).collect()),
    }
}

/// `Err` names an attribute type that Suiro never writes.
pub(crate) fn to_json(value: &A) -> Result<Json, String> {
    Ok(match value {
        A::Null(_) => Json::Null,
        A::Bool(b) => Json::Bool(*b),
        A::N(n) => Json::Number(number(n)?),
        A::S(s) => Json::String(s.clone()),
        A::L(list) => Json::Array(list.iter().map(to_json).collect::<Result<_, _>>()?),
        A::M(map) => Json::Object(object(map)?),
        other => return Err(format!("unexpected attribute {other:?}")),
    })
}

fn object(map: &HashMap<String, A>) -> Result<Map<String, Json>, String> {
    map.iter().map(|(k, v)| Ok((k.clone(), to_json(v)?))).collect()
}

/// Bodies hold whole numbers alone (times, counts, app numbers); values of records are text.
fn number(text: &str) -> Result<Number, String> {
    let signed = text.parse::<i64>().map(Number::from);
    signed.or_else(|_| text.parse::<u64>().map(Number::from)).map_err(|_| format!("{text} is no whole number"))
}

//! Parameters: the values of the record (or call) that started a run, by field code.

use std::collections::BTreeMap;

use model::value::Value;
use serde::{Deserialize, Serialize};

/// Values by parameter name, as `%name%` in formulas and conditions refers to them.
///
/// Sorted by name, so that what is printed or stored of them is the same every time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters {
    values: BTreeMap<String, Value>,
}

impl Parameters {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of this parameter. `None` where there is no such parameter; one without a value is [`Value::Blank`].
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Sets one value and returns the one that was there.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) -> Option<Value> {
        self.values.insert(name.into(), value)
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Name and value of each, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().map(|(name, value)| (name.into(), value)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_parameter_is_not_a_blank_one() {
        let parameters: Parameters = [("数量", Value::Number(5.into())), ("備考", Value::Blank)].into_iter().collect();
        assert_eq!(parameters.get("数量"), Some(&Value::Number(5.into())));
        assert_eq!(parameters.get("備考"), Some(&Value::Blank));
        assert_eq!(parameters.get("単価"), None);
    }

    #[test]
    fn they_survive_json() {
        let parameters: Parameters = [("b", Value::text("x")), ("a", Value::Bool(true))].into_iter().collect();
        let json = serde_json::to_string(&parameters).unwrap();
        assert_eq!(json, r#"{"a":{"kind":"bool","value":true},"b":{"kind":"text","value":"x"}}"#);
        assert_eq!(serde_json::from_str::<Parameters>(&json).unwrap(), parameters);
    }
}

//! Whatever a formula is called with, it yields a value of the promised kind or an error: every function of the table, with
//! arguments of all kinds, fitting or not.

use model::value::Value;
use proptest::prelude::*;

use super::super::functions::{self, Function};
use super::super::{Context, Parameters, compile};
use super::support::{NOW, columns, row, tokyo};

/// Arguments: extreme numbers, texts that read as something, every kind of field, errors.
const LEAVES: [&str; 62] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "0.5",
    "-2.5",
    "12",
    "31",
    "100",
    "60",
    "46053",
    "2958465",
    "1E9",
    "-1E18",
    "9223372036854775807",
    "9223372036854775806",
    "9223372036854775808",
    "-9223372036854775807",
    "-9223372036854775808",
    "-9223372036854775809",
    "0.0000116",
    "99999999999999999999999999999999999999",
    "-99999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000001",
    "\"\"",
    "\"a\"",
    "\"a,b;c\"",
    "\"東京都\"",
    "\"ｶﾞｷﾞ\"",
    "\"１２３\"",
    "\"-5%\"",
    "\"2026-01-31\"",
    "\"令和8年1月31日\"",
    "\"9999-12-31\"",
    "\"1900-01-01\"",
    "\"23:59:59\"",
    "\"2026-01-31 09:05\"",
    "\"0000011\"",
    "\"yyyy/mm/dd\"",
    "\"#,##0.00\"",
    "\"(a|東)+\"",
    "\"$1$9${x}$\"",
    "\">=1\"",
    "\"~*?\"",
    "\"D\"",
    "TRUE",
    "FALSE",
    "1/0",
    "#N/A",
    "数量",
    "空数値",
    "受注日",
    "空日付",
    "開始",
    "始業",
    "区分",
    "担当者",
    "添付",
    "内訳[金額]",
    "内訳[納品日]",
    "空内訳[品目]",
];

fn call() -> impl Strategy<Value = String> {
    let all: Vec<&'static Function> = functions::all().collect();
    let leaf = prop::sample::select(LEAVES.to_vec());
    (prop::sample::select(all), prop::collection::vec(leaf, 8)).prop_map(|(function, leaves)| {
        // As many arguments as the leaves' own randomness says, of those that the function accepts.
        let counts: Vec<usize> = (0..=leaves.len()).filter(|count| function.accepts(*count)).collect();
        let count = counts[leaves[7].len() % counts.len()];
        format!("{}({})", function.name, leaves[..count].join(","))
    })
}

/// The numbers at both ends of 64 bits, in every argument of every function, one argument at a time.
#[test]
fn no_function_falls_over_the_ends_of_whole_numbers() {
    const ENDS: [&str; 4] =
        ["9223372036854775807", "9223372036854775806", "-9223372036854775808", "-9223372036854775807"];
    const OTHERS: [&str; 4] = ["1", "\"abc\"", "受注日", "20"];
    let mut formulas = Vec::new();
    for function in functions::all() {
        for count in (1..=4).filter(|count| function.accepts(*count)) {
            for (at, end) in (0..count).flat_map(|at| ENDS.map(|end| (at, end))) {
                for other in OTHERS {
                    let argument = |n| if n == at { end } else { other };
                    let arguments: Vec<&str> = (0..count).map(argument).collect();
                    formulas.push(format!("{}({})", function.name, arguments.join(",")));
                }
            }
        }
    }
    for text in ["CLOSINGDATE(受注日,20,-9223372036854775808)", "MID(\"abc\",-9223372036854775808,1)"] {
        formulas.push(text.to_owned());
    }
    hold(&formulas).unwrap();
}

fn nested() -> impl Strategy<Value = String> {
    (call(), call(), prop::sample::select(vec!["+", "-", "*", "/", "^", "&", "=", "<"]))
        .prop_map(|(a, b, operator)| format!("{a}{operator}{b}"))
}

fn hold(formulas: &[String]) -> Result<(), TestCaseError> {
    let (columns, zone, parameters) = (columns(), tokyo(), Parameters::new());
    let values: Vec<Value> = row().into_iter().map(|(_, _, value)| value).collect();
    let context = Context::new(NOW, &zone, &parameters);
    for formula in formulas {
        let Ok(expr) = compile(formula, &columns) else { continue };
        let Ok(value) = expr.eval(&values, &context) else { continue };
        if let (Some(promised), Some(kind)) = (expr.kind(), value.kind()) {
            prop_assert_eq!(promised, kind, "{}", formula);
        }
        // There is one blank: no empty text, no list without elements or of empty ones.
        let holds = match &value {
            Value::Text(text) => !text.is_empty(),
            Value::Texts(texts) => !texts.is_empty() && !texts.contains(&String::new()),
            _ => true,
        };
        prop_assert!(holds, "{}: {:?}", formula, value);
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_function_takes_whatever_it_is_given(formulas in prop::collection::vec(call(), 16)) {
        hold(&formulas)?;
    }

    #[test]
    fn operators_take_whatever_functions_yield(formulas in prop::collection::vec(nested(), 8)) {
        hold(&formulas)?;
    }
}

//! Parameters of one record, of several, of none.

use super::{check, files, snapshot};
use flow::bind::{BoundPlan, bind};
use flow::formula::Parameters;
use flow::plan::Plan;
use model::value::{Entity, FileRef, Value};

fn good(name: &str) -> Plan {
    check(&files("good").into_iter().find(|(n, _)| n == name).unwrap().1).unwrap().plan
}

/// A flow that reads the orders under these conditions.
fn reading(conditions: &str) -> Plan {
    let text = format!(
        "suiro: 1\nname: x\nsteps:\n  - {{ name: a, command: input_app, app: 1, conditions: {conditions} }}\n  \
         - {{ name: b, command: output_app, from: a, app: 3, method: append, mapping: {{ 数量: 受注数 }} }}\n"
    );
    check(&text).unwrap_or_else(|p| panic!("{p:#?}")).plan
}

fn set<const N: usize>(values: [(&str, Value); N]) -> Parameters {
    values.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
}

fn number(n: i64) -> Value {
    Value::Number(n.into())
}

fn condition(bound: &BoundPlan) -> &str {
    &bound.reads[&0].condition
}

#[test]
fn a_webhook_reads_its_own_record_and_a_sheet_call_all_of_them() {
    let plan = good("allocation");
    let record = |n: &str| set([("レコード番号", Value::text(n))]);
    let one = bind(&plan, &[record("7")]).unwrap();
    assert_eq!(condition(&one), "レコード番号 = \"7\"");
    assert_eq!((one.reads[&1].app, one.reads[&1].condition.as_str()), (2, ""));
    let three = bind(&plan, &[record("1"), record("2"), record("3"), record("2")]).unwrap();
    assert_eq!(condition(&three), "(レコード番号 = \"1\") or (レコード番号 = \"2\") or (レコード番号 = \"3\")");
}

#[test]
fn whole_lists_are_ored_in_reads_and_filters() {
    let plan = good("sheet");
    let record = |id: i64, code: &str, state: &str| {
        set([("レコード番号", number(id)), ("受注番号", Value::text(code)), ("状況", Value::text(state))])
    };
    let bound = bind(&plan, &[record(1, "J-1", "保留"), record(2, "J\"2", "")]).unwrap();
    assert_eq!(
        condition(&bound),
        "(レコード番号 = \"1\" or 受注番号 = \"J-1\") or (レコード番号 = \"2\" or 受注番号 = \"J\\\"2\")"
    );
    snapshot("bound__sheet", &bound.plan.to_string());
}

#[test]
fn values_of_every_kind_take_kintones_form() {
    let one = |conditions: &str, value: Value| {
        bind(&reading(conditions), &[set([("x", value)])]).map(|b| condition(&b).to_owned()).map_err(|p| p.code)
    };
    let number_is = "[{ field: 受注数, operator: '=', value: '%x%' }]";
    let less = "[{ field: 受注数, operator: '<', value: '%x%' }]";
    let date = "[{ field: 受注日, operator: '>=', value: '%x%' }]";
    let created = "[{ field: 作成日時, operator: '<', value: '%x%' }]";
    let choice = "[{ field: 状況, operator: '=', value: '%x%' }]";
    let among = "[{ field: 状況, operator: not in, value: [受付, '%x%'] }]";
    let user = "[{ field: 担当, operator: in, value: ['%x%', LOGINUSER()] }]";
    let entities = Value::Entities(vec![
        Entity { code: "sato".into(), name: "佐藤".into() },
        Entity { code: "guest/a@b".into(), name: String::new() },
    ]);
    let files = Value::Files(vec![FileRef {
        file_key: "k".into(),
        name: "n".into(),
        content_type: String::new(),
        size: String::new(),
    }]);
    for (conditions, value, expected) in [
        (number_is, Value::Number("-1.50".parse().unwrap()), Ok("受注数 = \"-1.5\"")),
        (number_is, Value::Blank, Ok("受注数 = \"\"")),
        (less, Value::Blank, Ok("$id = \"0\"")),
        (date, Value::Date(20_413), Ok("受注日 >= \"2025-11-21\"")),
        (created, Value::Datetime(60), Ok("作成日時 < \"1970-01-01T00:01:00Z\"")),
        (choice, Value::Blank, Ok("状況 in (\"\")")),
        (choice, Value::text("引当済"), Ok("状況 in (\"引当済\")")),
        (among, Value::Texts(vec!["a".into(), "b".into()]), Ok("状況 not in (\"受付\", \"a\", \"b\")")),
        (user, entities, Ok("担当 in (\"sato\", \"guest/a@b\", LOGINUSER())")),
        (number_is, Value::Texts(vec!["1".into(), "2".into()]), Err("parameter_has_several_values")),
        (number_is, files, Err("parameter_kind")),
    ] {
        assert_eq!(one(conditions, value), expected.map(str::to_owned), "{conditions}");
    }
}

#[test]
fn kintones_own_forms_are_found_for_people() {
    let text = |conditions: &str| condition(&bind(&reading(conditions), &[]).unwrap()).to_owned();
    assert_eq!(
        text(
            "[{ field: 商品コード, operator: is empty }, { field: 状況, operator: is not empty }, { field: 備考, operator: is empty }, { field: 受注日, operator: is empty }, { field: 明細商品, operator: '!=' , value: A }]"
        ),
        "商品コード = \"\" and 状況 not in (\"\") and 備考 is empty and 受注日 = \"\" and 明細商品 not in (\"A\")"
    );
    assert_eq!(
        text(
            "[{ field: 受注日, operator: '=', value: 'FROM_TODAY(-5, DAYS)' }, { field: 商品コード, operator: '=', value: TODAY() }]"
        ),
        "受注日 = FROM_TODAY(-5, DAYS) and 商品コード = \"TODAY()\""
    );
}

#[test]
fn missing_parameters_are_named() {
    let plan = good("allocation");
    let unknown = bind(&plan, &[set([("受注番号", number(1)), ("レコード番号2", number(1))])]).unwrap_err();
    assert_eq!(
        (unknown.code, unknown.setting.as_deref(), unknown.step.as_deref()),
        ("unknown_parameter", Some("レコード番号"), Some("受注"))
    );
    assert!(unknown.en.contains("Did you mean \"レコード番号2\"?"), "{unknown}");
    assert_eq!(bind(&plan, &[]).unwrap_err().code, "parameter_without_record");
}

#[test]
fn a_parameter_in_a_formula_needs_one_record() {
    let text = "suiro: 1\nname: x\nsteps:\n  - { name: a, command: input_app, app: 1 }\n  \
                - { name: c, command: filter, from: a, formula: '受注数 > %最小%' }\n  \
                - { name: b, command: output_app, from: c, app: 3, method: append, mapping: { 数量: 受注数 } }\n";
    let plan = check(text).unwrap_or_else(|p| panic!("{p:#?}")).plan;
    assert_eq!(flow::bind::parameters(&plan).into_iter().collect::<Vec<_>>(), ["最小"]);
    let record = || set([("最小", number(3))]);
    assert_eq!(bind(&plan, &[record()]).unwrap().parameters, record());
    let several = bind(&plan, &[record(), record()]).unwrap_err();
    assert_eq!((several.code, several.setting.as_deref()), ("parameter_has_several_values", Some("最小")));
    assert_eq!(bind(&plan, &[set([("最大", number(3))])]).unwrap_err().code, "unknown_parameter");
    assert_eq!(bind(&plan, &[]).unwrap_err().code, "parameter_without_record");
}

#[test]
fn parameters_in_branches_and_inner_steps_are_closed() {
    let plan = good("middle");
    let names: Vec<String> = flow::bind::parameters(&plan).into_iter().collect();
    assert_eq!(names, ["下限", "受注日", "担当"]);
    let values = [("下限", number(3)), ("受注日", Value::Date(20_413)), ("担当", Value::text("sato"))];
    let bound = bind(&plan, &[set(values)]).unwrap();
    let text = bound.plan.to_string();
    // The branch's own conditions and, in those behind it, the earlier ones.
    assert!(text.contains("keep 作成日 = \"2025-11-21\", and none of"), "{text}");
    assert!(text.contains("(作成日 = \"2025-11-21\")"), "{text}");
    assert!(!text.contains("%受注日%"), "{text}");
    // One inside for_each is asked for too, and told with the step around it.
    let without = [("受注日", Value::Blank), ("担当", Value::Blank)];
    assert_eq!(bind(&plan, &[set(without)]).unwrap_err().code, "unknown_parameter");
}

/// A flow that filters the orders behind a read of all of them.
fn filtering(conditions: &str, matching: &str) -> Plan {
    let text = format!(
        "suiro: 1\nname: x\nsteps:\n  - {{ name: a, command: input_app, app: 1 }}\n  \
         - {{ name: f, command: filter, from: a, match: {matching}, conditions: {conditions} }}\n  \
         - {{ name: b, command: output_app, from: f, app: 3, method: append, mapping: {{ 数量: 受注数 }} }}\n"
    );
    check(&text).unwrap_or_else(|p| panic!("{p:#?}")).plan
}

#[test]
fn a_filters_parameter_goes_to_kintone_only_as_kintone_writes_it() {
    let plan = filtering("[{ field: 受注日, operator: \"=\", value: \"%p%\" }]", "all");
    let with = |value: Value| condition(&bind(&plan, &[set([("p", value)])]).unwrap()).to_owned();
    assert_eq!(with(Value::text("2026-01-01")), "受注日 = \"2026-01-01\"");
    assert_eq!(with(Value::Date(20_454)), "受注日 = \"2026-01-01\"");
    // The filter understands these, kintone does not: all records are read, and the filter decides.
    for value in [Value::text("2026/1/1"), Value::Datetime(1_767_225_600), Value::text("x"), Value::Blank] {
        assert_eq!(with(value.clone()), "", "{value:?}");
    }
    let plan = filtering("[{ field: レコード番号, operator: in, value: [\"%p%\"] }]", "all");
    let with = |value: Value| condition(&bind(&plan, &[set([("p", value)])]).unwrap()).to_owned();
    assert_eq!(with(Value::Texts(vec!["1".into(), "SALES-2".into()])), "レコード番号 in (\"1\", \"2\")");
    assert_eq!(with(Value::text("abc")), "");
}

#[test]
fn a_condition_that_kintone_cannot_take_never_narrows_its_list() {
    let conditions =
        "[{ field: 受注日, operator: \"=\", value: \"%p%\" }, { field: 受注数, operator: \">\", value: 5 }]";
    let record = |day: &str| set([("p", Value::text(day))]);
    let read = |plan: &Plan, sets: &[Parameters]| condition(&bind(plan, sets).unwrap()).to_owned();
    let all = filtering(conditions, "all");
    assert_eq!(read(&all, &[record("2026-01-01")]), "受注日 = \"2026-01-01\" and 受注数 > \"5\"");
    assert_eq!(read(&all, &[record("2026/1/1")]), "受注数 > \"5\"");
    let any = filtering(conditions, "any");
    assert_eq!(read(&any, &[record("2026-01-01")]), "受注日 = \"2026-01-01\" or 受注数 > \"5\"");
    assert_eq!(read(&any, &[record("2026/1/1")]), "", "without the one, the other would be too narrow");
    let one = filtering("[{ field: 受注日, operator: \"=\", value: \"%p%\" }]", "all");
    assert_eq!(read(&one, &[record("2026-01-01"), record("2026/1/1")]), "", "the second record needs every record");
}

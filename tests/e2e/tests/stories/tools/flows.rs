//! `suiro flow`: check, plan, and runs by hand; and command lines that are wrong.

use serde_json::{Value as Json, json};
use sim::{ALL_RIGHTS, Right};

use super::{Ended, Tools};

/// Three mistakes, of which the second needs the app to be seen.
const BAD: &str = "suiro: 1
name: 悪いフロー
steps:
  - name: 受注
    command: input_app
    app: ${受注}
    fields: [レコード番号, 数量]
  - name: 計算
    command: data_edit
    from: 受注
    edits:
      - { field: 合計, formula: \"1 +\" }
  - name: 出力
    command: output_app
    from: 計算
    app: ${在庫移動}
    method: update
";

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_every_problem_in_both_languages() {
    let tools = Tools::new().await;
    let (company, tokens) = (&tools.stage.company, tools.stage.company.tokens.as_str());
    let [allocate, movement] = tools.flow_files();
    for file in [&allocate, &movement] {
        let alone = tools.suiro(&["flow", "check", file]).await;
        assert!(alone.good().is_empty() && alone.err.contains("--base-url"), "{alone:#?}");
        let whole = tools.flow(&["check", file], tokens).await;
        assert!(whole.good().is_empty() && whole.err.contains("no problems"), "{whole:#?}");
        assert_eq!(tools.flow(&["check", file, "--json"], tokens).await.json(), json!([]));
    }
    assert!(tools.stage.control().calls().iter().all(|c| c.method == "GET" || !c.path.ends_with("/records.json")));

    let bad = tools.file("bad.yaml", &company.flow(BAD));
    let problems = |ended: &Ended| -> Vec<(Json, Json)> {
        let all: Vec<Json> = serde_json::from_str(&ended.out).expect("problems");
        for p in &all {
            assert!(p["ja"].as_str().is_some_and(|t| !t.is_ascii()), "{p}");
            assert!(p["en"].as_str().is_some_and(|t| t.len() > 10 && t != p["ja"].as_str().unwrap_or_default()), "{p}");
        }
        all.into_iter().map(|p| (p["step"].clone(), p["line"].clone())).collect()
    };
    let alone = tools.suiro(&["flow", "check", &bad, "--json"]).await;
    alone.bad(3, "問題が", "problems");
    assert!(problems(&alone).contains(&(json!("出力"), json!(17))), "{alone:#?}");
    let whole = tools.flow(&["check", &bad, "--json"], tokens).await;
    whole.bad(3, "問題が", "problems");
    for place in [(json!("受注"), json!(7)), (json!("計算"), json!(12)), (json!("出力"), json!(17))] {
        assert!(problems(&whole).contains(&place), "{place:?}: {whole:#?}");
    }
    let text = tools.flow(&["check", &bad], tokens).await;
    text.bad(3, "更新にはキー", "Updating needs");

    for (name, content) in [
        ("no.yaml", "suiro: ["),
        ("list.yaml", "[]"),
        ("empty.yaml", ""),
        ("newer.yaml", "suiro: 2\nname: a\nsteps: [{ name: a, command: input_app, app: 1 }]\n"),
    ] {
        let file = tools.file(name, content);
        tools.suiro(&["flow", "check", &file]).await.bad(3, "問題が1件", "1 problems");
    }
    tools.suiro(&["flow", "check", "missing.yaml"]).await.bad(1, "", "missing.yaml");
    // A token that may not read the apps: told at each step that names one. A kintone that does not answer is no problem of
    // the flow.
    tools.flow(&["check", &allocate], "unknown").await.bad(3, "読む権限がありません", "may not be read");
    let nowhere = ["flow", "check", &allocate, "--base-url", "http://127.0.0.1:9", "--api-token", "T"];
    assert_eq!(tools.suiro(&nowhere).await.exit, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_prints_what_a_flow_is_lowered_to() {
    let tools = Tools::new().await;
    let tokens = tools.stage.company.tokens.as_str();
    let [allocate, _] = tools.flow_files();
    let text = tools.flow(&["plan", &allocate], tokens).await;
    let (stock, orders) = (tools.stage.company.stock, tools.stage.company.orders);
    for part in [format!("app {orders}"), format!("app {stock}"), "%レコード番号%".into()] {
        assert!(text.good().contains(&part), "{part}: {text:#?}");
    }
    let whole = tools.flow(&["plan", &allocate, "--json"], tokens).await.json();
    assert_eq!(whole["name"], json!("引当/出荷"));
    assert!(whole["plan"].as_str().is_some_and(|plan| text.out.starts_with(plan.trim_end())), "{whole}");
    // One order by its number, three products; what a run then takes is what was estimated.
    assert_eq!(whole["queries"][0]["records"], json!(1), "{whole}");
    assert_eq!(whole["estimate"]["total"]["recordsRead"], json!(4), "{whole}");
    let parameter = format!("レコード番号={}", tools.put_order("A-1"));
    let done = tools.flow(&["run", &allocate, "--param", &parameter, "--json"], tokens).await.json();
    assert_eq!(whole["estimate"]["total"]["callsAtMost"], done["apiRequests"], "{whole}");
    let bad = tools.file("bad.yaml", &tools.stage.company.flow(BAD));
    tools.flow(&["plan", &bad], tokens).await.bad(3, "更新にはキー", "Updating needs");
    tools.suiro(&["flow", "plan", &allocate]).await.bad(2, "", "--base-url is needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_a_run_then_writes() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let tokens = company.tokens.as_str();
    let [allocate, movement] = tools.flow_files();
    let id = tools.put_order("A-1");
    let parameter = format!("レコード番号={id}");
    let of = |file| ["run", file, "--param", &parameter];
    let everything = || [company.orders, company.stock, company.movements, company.log].map(|app| control.records(app));
    let before = everything();
    control.clear_calls();
    let shown = tools.flow(&[&of(&allocate)[..], &["--dry-run"]].concat(), tokens).await;
    for part in [
        "在庫数: 100 → 99",
        "引当済: 0 → 1",
        "引当数:  → 1",
        "何も書き込んでいません(--dry-run)",
        "nothing was written",
    ] {
        assert!(shown.good().contains(part), "{part}: {shown:#?}");
    }
    let planned = tools.flow(&[&of(&allocate)[..], &["--dry-run", "--json"]].concat(), tokens).await.json();
    assert_eq!((&planned["dryRun"], &planned["written"]), (&json!(true), &json!(0)));
    let writes: Vec<_> = control.calls().into_iter().filter(|c| c.method != "GET").collect();
    assert!(writes.is_empty(), "{writes:#?}");
    assert_eq!(everything(), before);

    let done = tools.flow(&[&of(&allocate)[..], &["--json"]].concat(), tokens).await.json();
    assert_eq!((&done["dryRun"], &done["written"]), (&json!(false), &json!(2)));
    assert_eq!(done["outputs"], planned["outputs"], "what was shown is what is written");
    assert_eq!(done["outputs"][1]["update"][0]["after"], json!({ "在庫数": "99", "引当済": "1" }));
    assert_eq!((tools.apples(), tools.stage.value(company.orders, id, "状況")), (99, json!("引当済")));
    let appended = tools.flow(&of(&movement), tokens).await;
    assert!(appended.good().contains("書き込み 1 件"), "{appended:#?}");
    assert!(
        appended.err.contains("checking") && appended.err.contains("writing"),
        "it says what it does: {appended:#?}"
    );
    assert_eq!(tools.movements(), ["A-1"]);
}

/// Checks the stock, numbers movements and calls a unit.
const CHECKED: &str = "suiro: 1
name: 検査と採番
steps:
  - name: 在庫
    command: input_app
    app: ${在庫}
  - name: 調べる
    command: data_check
    from: 在庫
    on_error: stop
    checks: [{ check: range, field: 在庫数, min: \"%下限%\" }]
  - name: 出力
    command: output_app
    from: 調べる
    app: ${在庫移動}
    method: append
    mapping: { 商品コード: 商品コード }
    numbers: [{ field: 受注番号, digits: 3, prefix: N- }]
  - { name: 呼ぶ, command: call_unit, from: 調べる, unit: 請求, parameters: { 商品コード: 商品コード } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_cannot_show_and_what_would_stop() {
    let tools = Tools::new().await;
    let (company, tokens) = (&tools.stage.company, tools.stage.company.tokens.as_str());
    let file = |limit: &str| tools.file("checked.yaml", &company.flow(CHECKED).replace("%下限%", limit));
    let fine = file("0");
    let shown = tools.flow(&["run", &fine, "--dry-run"], tokens).await;
    for part in
        ["受注番号=（採番 / numbered）", "実行単位「請求」を3行で呼び出します", "実行単位として実行したときだけ"]
    {
        assert!(shown.good().contains(part), "{part}: {shown:#?}");
    }
    let planned = tools.flow(&["run", &fine, "--dry-run", "--json"], tokens).await.json();
    assert_eq!((&planned["stopped"], &planned["outputs"][0]["numbered"]), (&Json::Null, &json!(["受注番号"])));
    assert_eq!(planned["calls"][0]["unit"], json!("請求"));

    let bad = file("1000000");
    let dry = tools.flow(&["run", &bad, "--dry-run"], tokens).await;
    dry.bad(3, "データチェックでエラーが見つかった", "stopped the flow");
    assert!(dry.out.contains("データチェック「調べる」が、エラーのある3件でフローを止めます"), "{dry:#?}");
    let looked = tools.flow(&["preview", &bad, "--step", "調べる"], tokens).await;
    assert!(looked.good().contains("P-001") && looked.err.contains("would stop the flow at 3 records"), "{looked:#?}");
    assert!(looked.err.contains("在庫数: データチェックのエラーです / wrong by a data check × 3"), "{looked:#?}");
    tools.flow(&["run", &bad], tokens).await.bad(3, "データチェックでエラーが見つかった", "stopped the flow");
    assert!(tools.movements().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_of_files_alone_needs_no_kintone() {
    let tools = Tools::new().await;
    let flow = "suiro: 1
name: ファイル
steps:
  - { name: 日, command: input_series, as: 番号, first: 1, last: 3, by: number }
  - { name: 書く, command: output_file, from: 日, file: 番号.csv, format: csv }
";
    let file = tools.file("files.yaml", flow);
    let folder = std::path::Path::new(&file).with_file_name("files-alone");
    std::fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.to_string_lossy().into_owned();
    tools.suiro(&["flow", "run", &file, "--files", &folder]).await.good();
    let written = std::fs::read_to_string(format!("{folder}/番号.csv")).expect("the file");
    assert!(written.contains('3'), "{written}");
    let looked = tools.suiro(&["flow", "preview", &file, "--step", "日"]).await;
    assert!(looked.good().contains('3'), "{looked:#?}");
    let users = flow.replace("from: 日, file", "from: 調べる, file").replace(
        "  - { name: 書く",
        "  - { name: 調べる, command: data_check, from: 日, checks: [{ check: user, field: 番号 }] }\n  - { name: 書く",
    );
    let users = tools.file("users.yaml", &users);
    tools.suiro(&["flow", "run", &users, "--files", &folder]).await.bad(2, "", "--base-url is needed");
    // An app that no kintone has is a problem of the flow, and not a refusal of kintone.
    let zero = tools.file("zero.yaml", "suiro: 1\nname: 零\nsteps:\n  - { name: 零, command: input_app, app: 0 }\n");
    let told = tools.flow(&["check", &zero], tools.stage.company.tokens.as_str()).await;
    told.bad(3, "アプリ 0 が見つからない", "App 0 is not there");
}

/// Copies the stock app over the movement app, also where nothing comes out.
const REGENERATE: &str = "suiro: 1
name: 洗い替え
steps:
  - name: 在庫
    command: input_app
    app: ${在庫}
    fields: [商品コード, 在庫数]
    conditions:
      - { field: 在庫数, operator: \">=\", value: \"%下限%\" }
  - name: 出力
    command: output_app
    from: 在庫
    app: ${在庫移動}
    method: regenerate
    allow_empty: true
    mapping: { 商品コード: 商品コード, 数量: 在庫数 }
";

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_may_not_be_read_is_never_an_empty_one() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let file = tools.file("regenerate.yaml", &company.flow(REGENERATE));
    let target = control.add_token(company.movements, &ALL_RIGHTS).expect("a token");
    let source = |rights: &[Right]| format!("{target},{}", control.add_token(company.stock, rights).expect("a token"));
    let held = vec![json!({ "商品コード": { "value": "P-009" }, "数量": { "value": "7" } })];
    control.put_records(company.movements, held).expect("a record");
    let before = control.records(company.movements);
    let run = |limit: &'static str| ["run", file.as_str(), "--param", limit];
    let right = ("権限", "empty input");
    let credential = ("APIトークンまたはログイン名とパスワードを認めません", "does not accept the API token");
    let unknown = format!("{target},unknown");
    let all = [(source(&[Right::Add, Right::Edit]), right), (target.clone(), credential), (unknown, credential)];
    for (tokens, (ja, en)) in all {
        for dry in [&["--dry-run"][..], &[]] {
            let refused = tools.flow(&[&run("下限=1")[..], dry].concat(), &tokens).await;
            refused.bad(4, ja, en);
            assert_eq!(control.records(company.movements), before, "{refused:#?}");
        }
    }
    let writer = control.add_token(company.movements, &[Right::View]).expect("a token");
    let reader = control.add_token(company.stock, &[Right::View]).expect("a token");
    tools.flow(&run("下限=1"), &format!("{writer},{reader}")).await.bad(4, "権限", "right");
    assert_eq!(control.records(company.movements), before);
    // With the right to read the same flow does replace everything, and by nothing where nothing comes out.
    tools.flow(&run("下限=40"), &source(&[Right::View])).await.good();
    let mut codes: Vec<_> = control.records(company.movements).iter().map(|r| r.fields["商品コード"].clone()).collect();
    codes.sort_by_key(Json::to_string);
    assert_eq!(codes, ["P-001", "P-002"]);
    tools.flow(&run("下限=1000"), &source(&[Right::View])).await.good();
    assert_eq!(control.count(company.movements), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_ends_with_two() {
    let tools = Tools::new().await;
    let [allocate, _] = tools.flow_files();
    let base = tools.stage.sim.base_url();
    let run = ["flow", "run", &allocate, "--base-url", &base, "--api-token", "T"];
    let wrong: [&[&str]; 13] = [
        &["nonsense"],
        &["--nonsense"],
        &["flow"],
        &["flow", "check"],
        &["flow", "check", &allocate, "--base-url"],
        &["flow", "check", &allocate, "--base-url", &base],
        &[&run[..], &["--param", "no-equals-sign"]].concat(),
        &["unit", "add", "--name", "a"],
        &["unit", "url"],
        &["unit", "url", "a", "--overlap", "soon"],
        &["run", "list"],
        &["serve", "--listen", "nowhere"],
        &["run", "list", "a", "--data", "x", "--table", "y"],
    ];
    for args in wrong {
        let ended = tools.suiro(args).await;
        assert!(ended.exit == Some(2) && ended.out.is_empty() && !ended.err.is_empty(), "{args:?}: {ended:#?}");
    }
    let help = tools.suiro(&["--help"]).await;
    assert!(help.good().contains("Exit codes:") && help.out.contains("終了コード:"), "{help:#?}");
    for command in ["flow", "unit", "run", "serve", "sim", "demo"] {
        tools.suiro(&[command, "--help"]).await.good();
    }
}

/// A third of each order, behind steps that carry no record number.
const THIRDS: &str = "suiro: 1
name: 三分の一
steps:
  - { name: 受注, command: input_app, app: ${受注}, fields: [受注番号, 商品コード, 受注数] }
  - { name: 計算, command: data_edit, from: 受注, edits: [{ field: 数, formula: \"10 / 受注数\" }] }
  - { name: 出力, command: output_app, from: 計算, app: ${在庫移動}, method: append, mapping: { 受注番号: 受注番号, 商品コード: 商品コード, 数量: 数 } }
";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rounded_or_fails_is_told_with_its_record() {
    let tools = Tools::new().await;
    let (control, company) = (tools.stage.control(), &tools.stage.company);
    let tokens = company.tokens.as_str();
    let thirds = company.flow(THIRDS);
    let order = |n: &str, count: u32| {
        let ids = control.put_records(company.orders, vec![super::order(n, "P-001", count)]);
        ids.expect("an order")[0]
    };
    order("J-1", 5);
    let id = order("J-2", 3).to_string();

    let file = tools.file("thirds.yaml", &thirds);
    let shown = tools.flow(&["run", &file, "--dry-run"], tokens).await;
    let line = format!(
        "出力 / 数量: 小数部の桁数がアプリの設定を超えています / more decimals than the app stores × 1: \
         2行目 (row 2) レコード番号{id} (record {id}) 「3.33333333333333」"
    );
    assert!(shown.good().contains(&line), "{shown:#?}");
    let counts = tools.flow(&["run", &file, "--dry-run", "--json"], tokens).await.json()["counts"].clone();
    assert_eq!(
        (&counts[0]["step"], &counts[0]["field"], &counts[0]["reason"]),
        (&json!("出力"), &json!("数量"), &json!("rounded"))
    );
    assert_eq!(counts[0]["samples"], json!([{ "row": 2, "record": id, "value": "3.33333333333333" }]));

    let strict = tools.file("strict.yaml", &thirds.replace("steps:", "strict: true\nsteps:"));
    let refused = tools.flow(&["run", &strict], tokens).await;
    refused.bad(
        3,
        &format!("2行目、レコード番号{id}: 「3.33333333333333」"),
        &format!("row 2, record {id}: \"3.33333333333333\""),
    );
    let zero = order("J-3", 0).to_string();
    let failed = tools.flow(&["run", &file], tokens).await;
    failed.bad(
        3,
        &format!("レコード番号{zero}: 計算式の結果が#DIV/0!"),
        &format!("record {zero}: the formula yields #DIV/0! at `10 / 受注数`"),
    );
    assert!(control.records(company.movements).is_empty());
}

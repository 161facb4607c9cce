//! The generated pages in docs/ are up to date. `SUIRO_UPDATE_DOCS=1` writes them anew.

#[test]
fn generated_pages_are_up_to_date() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let schema = format!("{}\n", serde_json::to_string_pretty(&flow::schema::document()).unwrap());
    let pages = [
        ("commands.md", flow::docs::commands_markdown()),
        ("functions.md", flow::docs::functions_markdown()),
        ("flow.schema.json", schema),
    ];
    for (name, text) in pages {
        let path = docs.join(name);
        if std::env::var_os("SUIRO_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == text, "docs/{name} is out of date: run this test with SUIRO_UPDATE_DOCS=1");
    }
}

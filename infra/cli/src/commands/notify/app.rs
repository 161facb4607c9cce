//! A kintone app as a target: its form is looked at before it is stored.

use std::collections::BTreeMap;

use connect::kintone::{Deployed, Kintone};
use connect::records::Records;
use model::notice::{Lack, Part, RecordPlace};

use super::{Failure, credential_name, place};
use crate::args::NotifyAdd;

/// The app as it is to be stored, with its credential in the vault.
pub async fn checked(args: &NotifyAdd, app: u64, open: &place::Open) -> Result<RecordPlace, Failure> {
    let usage = |message: &str| Failure { exit: 2, message: message.to_owned() };
    let base_url = args.kintone.base_url.as_deref().ok_or_else(|| {
        usage("アプリのあるkintoneを --base-url で指定してください / name the kintone of the app with --base-url")
    })?;
    let credential = place::credential(&args.kintone)?;
    let place = RecordPlace {
        base_url: base_url.trim_end_matches('/').to_owned(),
        guest_space: args.kintone.guest_space_id,
        app,
        credential: credential_name(&args.domain, &args.name),
        fields: fields(&args.fields)?,
    };
    let kintone = Records::new(open.connector.clone()).open(&place, &credential);
    let kintone =
        kintone.map_err(|e| usage(&format!("アプリに接続できません / the app cannot be reached: {}", e.0)))?;
    let mut lacks = lacks(&place, &kintone).await?;
    if args.add_fields && lacks.0.iter().any(|lack| lack.found.is_none()) {
        add_fields(&place, &kintone, &lacks.0).await?;
        lacks = self::lacks(&place, &kintone).await?;
    }
    if !lacks.0.is_empty() {
        return Err(Failure::new(told(app, &lacks.0)));
    }
    if !lacks.1 {
        eprintln!(
            "注意: 通知キーのフィールドが「値の重複を禁止する」になっていないため、途中で中断すると同じ通知が2件登録されることがあります / note: no field for notice_key prohibits duplicates, so that a notice may become two records when it is cut off"
        );
    }
    open.vault.put(&place.credential, &credential).await.map_err(Failure::new)?;
    Ok(place)
}

/// `title=件名`, `count=`.
fn fields(given: &[String]) -> Result<BTreeMap<Part, Option<String>>, Failure> {
    let usage = |message: String| Failure { exit: 2, message };
    let mut fields: BTreeMap<Part, Option<String>> = BTreeMap::new();
    for text in given {
        let parted = text.split_once('=').and_then(|(name, code)| Some((Part::parse(name.trim())?, code.trim())));
        let (part, code) = parted.ok_or_else(|| {
            let names: Vec<&str> = Part::all().map(Part::code).collect();
            usage(format!(
                "--field {text}: 項目=フィールドコード の形で、項目は次のどれかを指定してください / give NAME=CODE, where NAME is one of: {}",
                names.join(", ")
            ))
        })?;
        let twice = !code.is_empty() && fields.values().flatten().any(|other| other == code);
        if fields.insert(part, (!code.is_empty()).then(|| code.to_owned())).is_some() || twice {
            return Err(usage(format!("--field {text}: 二度指定されています / it is given twice")));
        }
    }
    Ok(fields)
}

/// What the form lacks, and whether its key prohibits duplicates.
async fn lacks(place: &RecordPlace, kintone: &Kintone) -> Result<(Vec<Lack>, bool), Failure> {
    let form = kintone
        .schema(place.app)
        .await
        .map_err(|e| Failure::kintone(format!("アプリ{0}を読み取れません / app {0} cannot be read: {e}", place.app)))?;
    let (fields, lacks) = place.fit(&form.schema);
    Ok((lacks, fields.get(&Part::Key).is_some_and(|field| field.unique)))
}

fn told(app: u64, lacks: &[Lack]) -> String {
    let one = |lack: &Lack| {
        let type_of = |t: &model::field::FieldType| {
            serde_json::to_value(t).ok().and_then(|t| t.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let wanted: Vec<String> = lack.part.types().iter().map(type_of).collect();
        let (code, wanted) = (&lack.code, wanted.join(" | "));
        match &lack.found {
            None => format!("  {code}  ありません / missing ({wanted})"),
            Some(found) => format!("  {code}  型が違います / wrong type: {} ({wanted})", type_of(found)),
        }
    };
    let lines: Vec<String> = lacks.iter().map(one).collect();
    format!(
        "アプリ{app}に次のフィールドがありません。--add-fields で追加するか、--field 項目=フィールドコード で別のフィールドを、--field 項目= で不要なことを指定してください / app {app} lacks these fields; add them with --add-fields, name others with --field NAME=CODE, or leave them out with --field NAME=\n{}",
        lines.join("\n")
    )
}

async fn add_fields(place: &RecordPlace, kintone: &Kintone, lacks: &[Lack]) -> Result<(), Failure> {
    let failed = |why: String| {
        Failure::kintone(format!(
            "アプリ{0}にフィールドを追加できません。アプリの管理権限を確認してください / fields cannot be added to app {0}; look at the right to manage it: {why}",
            place.app
        ))
    };
    let added = kintone.add_missing_fields(place.app, &place.properties(lacks)).await;
    let codes = added.map_err(|e| failed(e.to_string()))?;
    match kintone.deploy(place.app).await.map_err(|e| failed(e.to_string()))? {
        Deployed::Success => {
            eprintln!("フィールドを追加しました / fields added: {}", codes.join(", "));
            Ok(())
        }
        other => Err(failed(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_by_what_they_take() {
        let given = |all: &[&str]| fields(&all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        let named = given(&["title=件名", "count="]).expect("fields");
        assert_eq!(named, BTreeMap::from([(Part::Title, Some("件名".to_owned())), (Part::Count, None)]));
        for wrong in [["title=a", "title=b"], ["title=a", "message=a"], ["title", "x=y"], ["x=y", "title=a"]] {
            assert_eq!(given(&wrong).expect_err("wrong").exit, 2, "{wrong:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_the_types_that_fit() {
        let found = Some(model::field::FieldType::Number);
        let lacks = [
            Lack { part: Part::Title, code: "件名".into(), found },
            Lack { part: Part::Time, code: "occurred_time".into(), found: None },
        ];
        let text = told(12, &lacks);
        for part in
            ["件名  型が違います / wrong type: NUMBER (SINGLE_LINE_TEXT | MULTI_LINE_TEXT)", "missing (DATETIME)"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

//! Who may ask, and where: tokens, passwords, Basic authentication, guest spaces, and servers that are no kintone.

use connect::kintone::{Class, Connection, Connector, Credential, HostPolicy, Kintone, KintoneError, Right, Settings};
use model::field::Kind;
use model::value::RowSink;
use serde_json::json;
use sim::{AppSpec, Right as SimRight, UserSpec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{all_rights, calls_of, client, open, request, settings, sim, stock_app};

async fn count(kintone: &Kintone, app: u64) -> Result<u64, KintoneError> {
    kintone.read(&request(app, &[("$id", Kind::Number)], None), || RowSink::new(1)).await.map(|result| result.records)
}

#[tokio::test]
async fn an_app_that_may_not_be_read_is_an_error_and_not_empty() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    let blind = control.add_token(app, &[SimRight::Add]).unwrap();
    let error = count(&open(&sim, Credential::tokens(&blind)), app).await.unwrap_err();
    assert_eq!((error.class, error.code.as_str(), error.status), (Class::Permission, "GAIA_NO01", Some(403)));
    assert_eq!((error.apps.as_slice(), error.right), ([app].as_slice(), Some(Right::ViewRecords)));
    let wrong = count(&open(&sim, Credential::tokens("wrong")), app).await.unwrap_err();
    assert_eq!((wrong.class, wrong.code.as_str()), (Class::Permission, "GAIA_IA02"));
    let no_app = count(&open(&sim, Credential::password("nobody", "x")), app).await.unwrap_err();
    assert_eq!((no_app.class, no_app.code.as_str()), (Class::Permission, "CB_WA01"));
    assert_eq!([&error, &wrong, &no_app].map(KintoneError::credential_refused), [false, true, true]);
}

#[tokio::test]
async fn passwords_and_basic_authentication() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    control.add_user(UserSpec::new("佐藤@example.com", "päss:wort"));
    control.set_basic(Some(("front", "door")));
    let credential = Credential::password("佐藤@example.com", "päss:wort");
    let closed = count(&open(&sim, credential.clone()), app).await.unwrap_err();
    assert_eq!((closed.class, closed.status), (Class::Permission, Some(401)));
    let connection = Connection::new(sim.base_url(), credential).with_basic("front", "door");
    let kintone = Kintone::new(connection, settings()).unwrap();
    assert_eq!(count(&kintone, app).await, Ok(0));
    assert_eq!(count(&kintone, 99).await.unwrap_err().class, Class::NotFound);
}

#[tokio::test]
async fn guest_spaces_have_their_own_path() {
    let sim = sim().await;
    let control = sim.control();
    let spec = AppSpec { guest_space: Some(7), ..AppSpec::new("ゲスト") };
    let app = control.create_app(spec.field("数", json!({"type": "NUMBER"}))).unwrap();
    control.put_records(app, vec![json!({"数": {"value": "1"}})]).unwrap();
    let credential = all_rights(&sim, &[app]);
    let inside = Connection::new(sim.base_url(), credential.clone()).in_guest_space(7);
    let kintone = Kintone::new(inside, settings()).unwrap();
    assert_eq!(count(&kintone, app).await, Ok(1));
    let target =
        connect::kintone::Target { app, fields: kintone.schema(app).await.unwrap().schema.fields.split_off(2) };
    let target =
        connect::kintone::Target { fields: target.fields.into_iter().filter(|f| f.code == "数").collect(), ..target };
    let mut builder = kintone.bulk_builder(false);
    let values = [crate::support::number("2")];
    builder.push(&target, connect::kintone::Change::Insert { values: &values }).unwrap();
    assert_eq!(kintone.commit(&builder.cut().unwrap(), None).await.unwrap().records[0].id, 2);
    let outside = count(&open(&sim, credential), app).await.unwrap_err();
    assert_eq!((outside.class, outside.code.as_str()), (Class::Invalid, "GAIA_IL23"));
}

#[tokio::test]
async fn messages_come_in_the_language_asked_for() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    let credential = all_rights(&sim, &[app]);
    for (language, words) in [("ja", "クエリ"), ("en", "query")] {
        let settings = Settings { language: Some(language.into()), ..settings() };
        let kintone = Kintone::new(Connection::new(sim.base_url(), credential.clone()), settings).unwrap();
        let asked = request(app, &[("$id", Kind::Number)], Some("存在しない ="));
        let error = kintone.read(&asked, || RowSink::new(1)).await.unwrap_err();
        assert_eq!((error.class, error.code.as_str()), (Class::Invalid, "CB_VA01"));
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// A server that gives every request the same answer.
async fn fixed(answer: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            let _ = socket.read(&mut bytes).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn answers_of_others_are_told_from_kintones() {
    let answers = [
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            Class::Invalid,
            "redirect",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n<html>hi</html>", Class::Malformed, "cannot be read"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"records\":[]}", Class::Malformed, "totalCount"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"records\":[],\"totalCount\":\"12\"}", Class::Malformed, ""),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 32\r\n\r\n{\"records\":[],\"totalCount\":\"12\"}",
            Class::Permission,
            "shows none",
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope", Class::NotFound, "without a reason"),
    ];
    for (answer, class, words) in answers {
        let connection = Connection::new(fixed(answer).await, Credential::tokens("t"));
        let error = count(&Kintone::new(connection, settings()).unwrap(), 1).await.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_public_name_that_points_inside_is_no_way_in() {
    // The name is on the list, so it passes the check of names; its address does not.
    let hosts = HostPolicy { allowed: vec!["localtest.example".into(), "ip6-localhost".into()], allow_local: false };
    let connector = Connector::new(Settings { hosts, ..settings() }).unwrap();
    let kintone = connector.open(Connection::new("https://ip6-localhost", Credential::tokens("t"))).unwrap();
    let error = count(&kintone, 1).await.unwrap_err();
    assert_eq!((error.class, error.status), (Class::Refused, None));
}

#[tokio::test]
async fn members_of_the_domain_are_read_with_a_password_only() {
    use connect::kintone::MemberKind;
    let sim = sim().await;
    let control = sim.control();
    for n in 0..130 {
        control.add_user(UserSpec::new(&format!("user{n:03}"), "p"));
    }
    control.disable_user("user007");
    control.add_organization("sales");
    control.add_group("admins");
    let kintone = open(&sim, Credential::password("user001", "p"));
    let users = kintone.members(MemberKind::Users).await.unwrap();
    assert_eq!(users.len(), 130, "129 that are switched on, and the administrator");
    assert!(users.contains(&"user129".to_owned()) && !users.contains(&"user007".to_owned()));
    assert_eq!(kintone.members(MemberKind::Organizations).await.unwrap(), ["sales"]);
    assert_eq!(kintone.members(MemberKind::Groups).await.unwrap(), ["admins"]);
    assert_eq!(calls_of(&control, "/v1/users.json"), 2, "a hundred at a time");

    let app = stock_app(&control);
    let tokens = client(&sim, &[app]);
    let calls = control.calls().len();
    let error = tokens.members(MemberKind::Users).await.unwrap_err();
    assert_eq!(error.class, Class::Permission);
    assert!(error.to_string().contains("API tokens"), "{error}");
    assert_eq!(control.calls().len(), calls, "no call is made");
}

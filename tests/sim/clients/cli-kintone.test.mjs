// cli-kintone: exports, imports and deletes, compared with what the simulator holds and which calls it received.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli, everyField, parseCsv, plain, startSim } from "./sim.mjs";

let sim;
let folder;
let app;
const token = "cli-token";
const auth = () => ["--app", String(app), "--api-token", token];

before(async () => {
  sim = await startSim();
  folder = await mkdtemp(join(tmpdir(), "suiro-cli-"));
});
after(async () => {
  await sim.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await sim.control("POST", "reset");
  ({ app } = await sim.control("POST", "apps", { name: "CSV", lang: "en", fields: everyField }));
  await sim.control("POST", "tokens", { app, token, rights: ["view", "add", "edit", "delete"] });
});

const file = async (name, text) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const done = (result) => assert.equal(result.code, 0, result.stderr);
const generate = (count, template = {}) =>
  sim.control("POST", "generate", {
    app,
    count,
    template: { code: { value: "C{n}" }, qty: { value: "{n%10}" }, ...template },
  });
const paths = async () => (await sim.control("GET", "calls")).calls.map((call) => `${call.method} ${call.path}`);

test("export pages by id, and an empty last page ends it", async () => {
  await generate(1000, { 明細: { value: [{ value: { 品: { value: "x" }, 数: { value: "{n}" } } }] } });
  const result = await cli(sim, ["record", "export", ...auth()]);
  done(result);
  const rows = parseCsv(result.stdout);
  assert.equal(rows.length, 1000);
  assert.deepEqual(rows.map((row) => row.code), Array.from({ length: 1000 }, (_, i) => `C${i + 1}`));
  assert.equal(rows[41]["数"], "42");
  assert.deepEqual(await paths(), [
    "GET /k/v1/app/form/fields.json",
    "GET /k/v1/app/form/layout.json",
    ...Array(3).fill("GET /k/v1/records.json"),
  ]);
});

test("export with a condition, with an order, with chosen fields", async () => {
  await generate(250);
  const some = await cli(sim, ["record", "export", ...auth(), "--condition", "qty > 7", "--fields", "code,qty"]);
  done(some);
  const rows = parseCsv(some.stdout);
  assert.equal(rows.length, 50);
  assert.ok(rows.every((row) => Number(row.qty) > 7 && Object.keys(row).length === 2));

  const sorted = await cli(sim, ["record", "export", ...auth(), "--order-by", "qty desc, code asc"]);
  done(sorted);
  const keys = parseCsv(sorted.stdout).map((row) => [Number(row.qty), row.code]);
  const wanted = [...keys].sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : 1));
  assert.deepEqual(keys, wanted);
  assert.equal(keys.length, 250);
  const calls = await paths();
  assert.equal(calls.filter((call) => call === "GET /k/v1/records/cursor.json").length, 3);
});

test("import inserts rows with tables and every kind of value", async () => {
  const csv = await file(
    "insert.csv",
    [
      '"*","code","qty","memo","day","at","kind","marks","people","明細","品","数"',
      '"*","A","1.50","one\ntwo","2026-04-01","2026-04-01T09:30:00Z","特急","赤\n青","Administrator","","りんご","3"',
      '"","A","1.50","one\ntwo","2026-04-01","2026-04-01T09:30:00Z","特急","赤\n青","Administrator","","みかん","4"',
      '"*","B","","","","","","","","","",""',
      "",
    ].join("\n"),
  );
  done(await cli(sim, ["record", "import", ...auth(), "--file-path", csv]));
  const [a, b] = (await sim.dump(app)).map(plain);
  assert.deepEqual(a, {
    at: "2026-04-01T09:30:00Z",
    code: "A",
    day: "2026-04-01",
    kind: "特急",
    marks: ["赤", "青"],
    memo: "one\ntwo",
    people: [{ code: "Administrator", name: "Administrator" }],
    qty: "1.5",
    明細: [{ 品: "りんご", 数: "3" }, { 品: "みかん", 数: "4" }],
  });
  assert.equal(b.code, "B");
  assert.deepEqual([b.qty, b.kind, b.marks, b.people], ["", null, [], []]);
});

test("import cuts 3,500 rows into bulks of 2,000", async () => {
  const lines = Array.from({ length: 3500 }, (_, i) => `"R${i}","${i}"`);
  const csv = await file("many.csv", ['"code","qty"', ...lines, ""].join("\n"));
  done(await cli(sim, ["record", "import", ...auth(), "--file-path", csv]));
  const records = await sim.dump(app);
  assert.deepEqual(records.map((record) => record.code.value), Array.from({ length: 3500 }, (_, i) => `R${i}`));
  const bulks = (await sim.control("GET", "calls")).calls.filter((call) => call.path.endsWith("bulkRequest.json"));
  assert.deepEqual(bulks.map((call) => call.parts.map((part) => part.records)), [Array(20).fill(100), Array(15).fill(100)]);
});

test("import updates and inserts by a key field", async () => {
  await generate(3);
  const csv = await file("upsert.csv", '"code","qty"\n"C2","22"\n"NEW","9"\n');
  done(await cli(sim, ["record", "import", ...auth(), "--file-path", csv, "--update-key", "code"]));
  const told = (await sim.dump(app)).map((record) => [record.code.value, record.qty.value, record.$revision.value]);
  assert.deepEqual(told, [["C1", "1", "1"], ["C2", "22", "2"], ["C3", "3", "1"], ["NEW", "9", "1"]]);
});

test("import updates by record number, and rows without one are inserted", async () => {
  await generate(2);
  const csv = await file("number.csv", '"Record_number","code","qty"\n"2","C2","5"\n"","X","6"\n');
  done(await cli(sim, ["record", "import", ...auth(), "--file-path", csv, "--update-key", "Record_number"]));
  const told = (await sim.dump(app)).map((record) => [record.$id.value, record.code.value, record.qty.value]);
  assert.deepEqual(told, [["1", "C1", "1"], ["2", "C2", "5"], ["3", "X", "6"]]);
});

test("a bad row ends an import with kintone's own words, and nothing of the bulk is written", async () => {
  const csv = await file("bad.csv", '"code","qty"\n"A","1"\n"A","2"\n');
  const result = await cli(sim, ["record", "import", ...auth(), "--file-path", csv]);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /\[400\] \[CB_VA01\]/);
  assert.deepEqual(await sim.dump(app), []);
});

test("attachments go in and come out again, in records and in tables", async () => {
  ({ app } = await sim.control("POST", "apps", {
    name: "添付",
    lang: "en",
    fields: {
      code: { type: "SINGLE_LINE_TEXT", unique: true },
      files: { type: "FILE" },
      rows: { type: "SUBTABLE", fields: { inner: { type: "FILE" } } },
    },
  }));
  await sim.control("POST", "tokens", { app, token: "files", rights: ["view", "add", "edit"] });
  const credentials = ["--app", String(app), "--api-token", "files"];
  const source = join(folder, "in");
  await mkdir(source);
  const contents = { "日本語.txt": "こんにちは", "b.bin": "\u0000\u0001binary", "row.txt": "in a row" };
  for (const [name, text] of Object.entries(contents)) await writeFile(join(source, name), text);
  const csv = await file(
    "files.csv",
    '"*","code","files","rows","inner"\n"*","A","日本語.txt\nb.bin","","row.txt"\n',
  );
  done(await cli(sim, ["record", "import", ...credentials, "--file-path", csv, "--attachments-dir", source]));
  const [record] = await sim.dump(app);
  assert.deepEqual(plain(record), {
    code: "A",
    files: [{ name: "日本語.txt", size: "15" }, { name: "b.bin", size: "8" }],
    rows: [{ inner: [{ name: "row.txt", size: "8" }] }],
  });
  const target = join(folder, "out");
  const result = await cli(sim, ["record", "export", ...credentials, "--attachments-dir", target]);
  done(result);
  const found = {};
  for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) found[entry.name] = await readFile(join(entry.parentPath ?? entry.path, entry.name), "utf8");
  }
  assert.deepEqual(found, contents);
});

test("delete all, and delete by a file of record numbers", async () => {
  await generate(1200);
  const csv = await file("delete.csv", '"Record_number"\n"3"\n"7"\n');
  done(await cli(sim, ["record", "delete", ...auth(), "--file-path", csv, "--yes"]));
  assert.equal((await sim.dump(app)).length, 1198);
  done(await cli(sim, ["record", "delete", ...auth(), "--yes"]));
  assert.deepEqual(await sim.dump(app), []);
});

test("password, Basic in front and a guest space together", async () => {
  ({ app } = await sim.control("POST", "apps", { name: "guest", lang: "en", guestSpace: 7, fields: everyField }));
  await sim.control("POST", "users", { login: "sato", password: "pa:ss", name: "佐藤" });
  await sim.control("PATCH", "switches", { language: "en" });
  await sim.control("PUT", "basic", { user: "b", password: "q" });
  const credentials = ["--app", String(app), "-u", "sato", "-p", "pa:ss", "--guest-space-id", "7"];
  const basic = ["--basic-auth-username", "b", "--basic-auth-password", "q"];
  const csv = await file("guest.csv", '"code"\n"G"\n');
  done(await cli(sim, ["record", "import", ...credentials, ...basic, "--file-path", csv]));
  const result = await cli(sim, ["record", "export", ...credentials, ...basic]);
  done(result);
  const [row] = parseCsv(result.stdout);
  assert.deepEqual([row.code, row.Created_by], ["G", "sato"]);

  const refused = await cli(sim, ["record", "export", ...credentials]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /401/);
  const wrong = await cli(sim, ["record", "export", "--app", String(app), "-u", "sato", "-p", "no", ...basic]);
  assert.match(wrong.stderr, /\[401\] \[CB_WA01\] Password authentication failed\./);
});

test("tokens that do not fit are refused in kintone's words", async () => {
  await sim.control("PATCH", "switches", { language: "en" });
  const other = await sim.control("POST", "apps", { name: "other", fields: {} });
  await sim.control("POST", "tokens", { app: other.app, token: "foreign", rights: ["view"] });
  await sim.control("POST", "tokens", { app, token: "twin", rights: ["view"] });
  const csv = await file("one.csv", '"code"\n"A"\n');
  const cases = [
    ["foreign", /\[400\] \[GAIA_IA02\] The specified API token does not match the API token generated via an app\./],
    ["nobody", /\[400\] \[GAIA_IA02\]/],
    [`${token},twin`, /\[400\] \[GAIA_DA03\] You cannot specify a duplicate API token for the same app\./],
  ];
  for (const [tokens, wanted] of cases) {
    const result = await cli(sim, ["record", "export", "--app", String(app), "--api-token", tokens]);
    assert.equal(result.code, 1);
    assert.match(result.stderr, wanted);
  }
  const readOnly = ["--app", String(app), "--api-token", "twin", "--file-path", csv];
  const result = await cli(sim, ["record", "import", ...readOnly]);
  assert.match(result.stderr, /\[403\] \[GAIA_NO01\] Using this API token, you cannot run the specified API\./);
  done(await cli(sim, ["record", "export", "--app", String(app), "--api-token", `${token},foreign`]));
});

test("an outage in the middle ends an export, as the real one does", async () => {
  await generate(1000);
  await sim.control("POST", "faults", { path: "*/records.json", skip: 1, fault: { kind: "service_unavailable" } });
  const result = await cli(sim, ["record", "export", ...auth()]);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /503/);
});

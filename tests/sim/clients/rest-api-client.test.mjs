// @kintone/rest-api-client: its own helpers over all records, cursors, bulk, files, comments, status and app settings.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { KintoneRestAPIClient } from "@kintone/rest-api-client";
import { everyField, plain, startSim } from "./sim.mjs";

let sim;
let app;
let client;

before(async () => {
  sim = await startSim();
});
after(() => sim.stop());
beforeEach(async () => {
  await sim.control("POST", "reset");
  ({ app } = await sim.control("POST", "apps", { name: "注文", fields: everyField }));
  await sim.control("POST", "users", { login: "sato", password: "secret", name: "佐藤" });
  client = new KintoneRestAPIClient({
    baseUrl: sim.baseUrl,
    auth: { username: "sato", password: "secret" },
  });
});

const fails = (promise, wanted) =>
  assert.rejects(promise, (error) => {
    for (const [name, value] of Object.entries(wanted)) assert.deepEqual(error[name], value, `${name} of ${error}`);
    return true;
  });
const rows = (count, make = (i) => ({ code: { value: `C${i}` }, qty: { value: i } })) =>
  Array.from({ length: count }, (_, i) => make(i));

test("all records: added, read in three ways, updated, deleted", async () => {
  const added = await client.record.addAllRecords({ app, records: rows(2100) });
  assert.equal(added.records.length, 2100);
  assert.deepEqual(added.records[2099], { id: "2100", revision: "1" });

  const byId = await client.record.getAllRecords({ app, condition: "qty >= 2000" });
  const byCursor = await client.record.getAllRecords({ app, condition: "qty >= 2000", orderBy: "qty asc" });
  const byOffset = await client.record.getAllRecords({
    app, condition: "qty >= 2000", orderBy: "qty asc", withCursor: false,
  });
  assert.equal(byId.length, 100);
  assert.deepEqual(byCursor, byOffset);
  assert.deepEqual(byId.map(plain), byCursor.map(plain));
  assert.deepEqual(await client.record.getAllRecords({ app }), await sim.dump(app));

  const records = byId.map((record) => ({ id: record.$id.value, record: { memo: { value: "seen" } } }));
  await client.record.updateAllRecords({ app, records });
  assert.equal((await client.record.getAllRecords({ app, condition: 'memo like "seen"' })).length, 100);

  const all = await client.record.getAllRecordsWithId({ app, fields: ["code"] });
  await client.record.deleteAllRecords({ app, records: all.map((record) => ({ id: record.$id.value })) });
  assert.deepEqual(await sim.dump(app), []);
});

test("a query longer than a URL goes by method override", async () => {
  await client.record.addAllRecords({ app, records: rows(10) });
  const codes = rows(600).map((row) => `"${row.code.value}-no-such"`);
  const query = `code in ("C3", ${codes.join(", ")})`;
  const told = await client.record.getRecords({ app, query, totalCount: true, fields: ["code", "$id"] });
  assert.deepEqual(told, {
    records: [{
      code: { type: "SINGLE_LINE_TEXT", value: "C3" },
      $id: { type: "__ID__", value: "4" },
    }],
    totalCount: "1",
  });
  const { calls } = await sim.control("GET", "calls");
  assert.deepEqual([calls.at(-1).method, calls.at(-1).query.length], ["GET", 500]);
});

test("single records, revisions and update keys", async () => {
  assert.deepEqual(await client.record.addRecord({ app, record: rows(1)[0] }), { id: "1", revision: "1" });
  const updateKey = { field: "code", value: "C0" };
  assert.deepEqual(await client.record.updateRecord({ app, updateKey, record: { qty: { value: "5" } } }), { revision: "2" });
  await fails(client.record.updateRecord({ app, id: 1, revision: 1, record: {} }), { status: 409, code: "GAIA_CO02" });
  await fails(client.record.getRecord({ app, id: 9 }), { status: 404, code: "GAIA_RE01" });
  assert.deepEqual(
    await client.record.upsertRecord({ app, updateKey, record: { qty: { value: "6" } } }),
    { id: "1", revision: "3" },
  );
  const upserted = await client.record.updateRecords({
    app,
    upsert: true,
    records: [
      { updateKey, record: { qty: { value: "7" } } },
      { updateKey: { field: "code", value: "N" }, record: { qty: { value: "8" } } },
    ],
  });
  assert.deepEqual(upserted.records, [
    { id: "1", revision: "4", operation: "UPDATE" },
    { id: "2", revision: "1", operation: "INSERT" },
  ]);
  assert.deepEqual((await sim.dump(app)).map((r) => [r.code.value, r.qty.value]), [["C0", "7"], ["N", "8"]]);
});

test("tables keep the rows whose ids come back", async () => {
  const table = (...cells) => ({ value: cells });
  const { id } = await client.record.addRecord({
    app,
    record: {
      code: { value: "T" },
      明細: table({ value: { 品: { value: "a" }, 数: { value: 1 } } }, { value: { 品: { value: "b" } } }),
    },
  });
  const { record } = await client.record.getRecord({ app, id });
  const first = record["明細"].value[0];
  await client.record.updateRecord({
    app, id,
    record: { 明細: table({ id: first.id, value: { 数: { value: 9 } } }, { value: { 品: { value: "c" } } }) },
  });
  const after = (await client.record.getRecord({ app, id })).record["明細"].value;
  assert.equal(after[0].id, first.id);
  assert.deepEqual(after.map((row) => plain(row.value)), [{ 品: "a", 数: "9" }, { 品: "c", 数: "" }]);
});

test("bulkRequest: all or nothing, and the failing part is named", async () => {
  const part = (method, resource, payload) => ({ method, api: `/k/v1/${resource}.json`, payload });
  const good = await client.bulkRequest({
    requests: [
      part("POST", "records", { app, records: rows(2) }),
      part("PUT", "record", { app, id: 1, record: { qty: { value: 10 } } }),
      part("DELETE", "records", { app, ids: [2] }),
    ],
  });
  assert.deepEqual(good.results, [{ ids: ["1", "2"], revisions: ["1", "1"] }, { revision: "2" }, {}]);
  const bad = client.bulkRequest({
    requests: [
      part("PUT", "record", { app, id: 1, record: { qty: { value: 99 } } }),
      part("DELETE", "records", { app, ids: [77] }),
      part("POST", "records", { app, records: rows(1) }),
    ],
  });
  await fails(bad, { status: 404, code: "GAIA_RE01", bulkRequestIndex: 1 });
  assert.deepEqual((await sim.dump(app)).map((record) => record.qty.value), ["10"]);
});

test("cursors by hand", async () => {
  await client.record.addAllRecords({ app, records: rows(5) });
  const cursor = await client.record.createCursor({ app, fields: ["qty"], query: "order by qty desc", size: 3 });
  assert.equal(cursor.totalCount, "5");
  const first = await client.record.getRecordsByCursor({ id: cursor.id });
  const last = await client.record.getRecordsByCursor({ id: cursor.id });
  assert.deepEqual([first.records.map((r) => r.qty.value), first.next], [["4", "3", "2"], true]);
  assert.deepEqual([last.records.map((r) => r.qty.value), last.next], [["1", "0"], false]);
  await fails(client.record.getRecordsByCursor({ id: cursor.id }), { status: 404, code: "GAIA_CN01" });
});

test("files go up by one key and come down by another", async () => {
  ({ app } = await sim.control("POST", "apps", { name: "files", fields: { f: { type: "FILE" } } }));
  const data = Buffer.from([0, 255, 10, 13, 34]);
  const { fileKey } = await client.file.uploadFile({ file: { name: '見積 "1".bin', data } });
  const { id } = await client.record.addRecord({ app, record: { f: { value: [{ fileKey }] } } });
  const { record } = await client.record.getRecord({ app, id });
  const [held] = record.f.value;
  assert.deepEqual([held.name, held.size], ['見積 "1".bin', "5"]);
  assert.notEqual(held.fileKey, fileKey);
  assert.deepEqual(Buffer.from(await client.file.downloadFile({ fileKey: held.fileKey })), data);
  await assert.rejects(client.file.downloadFile({ fileKey }));
  await client.record.updateRecord({ app, id, record: { f: { value: [{ fileKey: held.fileKey }] } } });
  assert.deepEqual((await client.record.getRecord({ app, id })).record.f.value, [held]);
});

test("comments", async () => {
  await client.record.addRecord({ app, record: rows(1)[0] });
  for (let n = 1; n <= 12; n += 1) {
    await client.record.addRecordComment({
      app, record: 1, comment: { text: `c${n}`, mentions: [{ code: "sato", type: "USER" }] },
    });
  }
  const page = await client.record.getRecordComments({ app, record: 1, order: "asc", offset: 2, limit: 3 });
  assert.deepEqual(page.comments.map((c) => c.text), ["c3 ", "c4 ", "c5 "]);
  assert.deepEqual([page.older, page.newer], [true, true]);
  assert.deepEqual(page.comments[0].creator, { code: "sato", name: "佐藤" });
  await client.record.deleteRecordComment({ app, record: 1, comment: 3 });
  await fails(client.record.deleteRecordComment({ app, record: 1, comment: 3 }), { status: 400, code: "GAIA_RE02" });
});

test("an app is made, deployed and moved through its process", async () => {
  await sim.control("PATCH", "switches", { deployDelayMs: 300 });
  const made = await client.app.addApp({ name: "ログ" });
  const properties = {
    run_id: { type: "SINGLE_LINE_TEXT", code: "run_id", label: "Run", unique: true },
    n: { type: "NUMBER", code: "n", label: "N" },
  };
  assert.deepEqual(await client.app.addFormFields({ app: made.app, properties }), { revision: "3" });
  await client.app.updateProcessManagement({
    app: made.app,
    enable: true,
    states: {
      未処理: { name: "未処理", index: "0", assignee: { type: "ONE", entities: [] } },
      完了: { name: "完了", index: "1", assignee: { type: "ONE", entities: [] } },
    },
    actions: [{ name: "終える", from: "未処理", to: "完了" }],
  });
  await fails(client.record.getRecords({ app: made.app }), { status: 404, code: "GAIA_AP01" });
  await client.app.deployApp({ apps: [{ app: made.app }] });
  const status = async () => (await client.app.getDeployStatus({ apps: [made.app] })).apps[0].status;
  assert.equal(await status(), "PROCESSING");
  while ((await status()) === "PROCESSING") await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await status(), "SUCCESS");
  const fields = (await client.app.getFormFields({ app: made.app })).properties;
  assert.deepEqual([fields.run_id.unique, fields.n.type, fields["ステータス"].enabled], [true, "NUMBER", true]);
  const { layout } = await client.app.getFormLayout({ app: made.app });
  assert.deepEqual(layout.map((row) => row.fields[0].code), ["n", "run_id"]);

  await client.record.addRecord({ app: made.app, record: { run_id: { value: "r" } } });
  const moved = await client.record.updateRecordStatus({ app: made.app, id: 1, action: "終える" });
  assert.deepEqual(moved, { revision: "3" });
  const { record } = await client.record.getRecord({ app: made.app, id: 1 });
  assert.equal(record["ステータス"].value, "完了");
  await fails(client.record.updateRecordStatus({ app: made.app, id: 1, action: "終える" }), { status: 400, code: "GAIA_IL03" });
  await fails(client.record.updateRecordStatus({ app, id: 1, action: "終える" }), { status: 400, code: "GAIA_ST02" });
});

test("apps are listed and told by users, not by tokens", async () => {
  const { apps } = await client.app.getApps({ name: "注" });
  assert.deepEqual(apps.map((each) => [each.appId, each.name, each.spaceId]), [[String(app), "注文", null]]);
  assert.equal((await client.app.getApp({ id: app })).name, "注文");
  const { token } = await sim.control("POST", "tokens", { app, rights: ["view"] });
  const byToken = new KintoneRestAPIClient({ baseUrl: sim.baseUrl, auth: { apiToken: [token] } });
  assert.equal((await byToken.app.getApp({ id: app })).name, "注文");
  await fails(byToken.app.getApps({}), { status: 403, code: "GAIA_NO01" });
});

// What one client writes, the others read alike: cli-kintone, rest-api-client, pyntone and the simulator's own dump.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KintoneRestAPIClient } from "@kintone/rest-api-client";
import { cli, everyField, parseCsv, plain, startSim } from "./sim.mjs";

let sim;
let folder;

before(async () => {
  sim = await startSim();
  folder = await mkdtemp(join(tmpdir(), "suiro-compare-"));
});
after(async () => {
  await sim.stop();
  await rm(folder, { recursive: true });
});

const readByPython = (app, token) => {
  const program = [
    "import json, sys",
    "from pyntone.kintone_rest_api_client import KintoneRestAPIClient",
    "from pyntone.types.auth import ApiTokenAuth",
    "client = KintoneRestAPIClient(base_url=sys.argv[1], auth=ApiTokenAuth(api_token=sys.argv[3]))",
    "print(json.dumps(client.record.get_all_records(app=int(sys.argv[2]))))",
  ].join("\n");
  const python = process.env.SUIRO_CLIENTS_PYTHON;
  assert.ok(python, "SUIRO_CLIENTS_PYTHON must name the Python that has pyntone; tests/sim/clients/run sets it");
  return JSON.parse(execFileSync(python, ["-c", program, sim.baseUrl, String(app), token], { encoding: "utf8" }));
};
const byId = (records) => [...records].sort((a, b) => Number(a.$id.value) - Number(b.$id.value));

test("an app copied by cli-kintone is the same to every reader", async () => {
  const apps = [];
  for (const name of ["from", "to"]) {
    const { app } = await sim.control("POST", "apps", { name, lang: "en", fields: everyField });
    await sim.control("POST", "tokens", { app, token: name, rights: ["view", "add", "edit", "delete"] });
    apps.push(app);
  }
  const [from, to] = apps;
  const client = new KintoneRestAPIClient({ baseUrl: sim.baseUrl, auth: { apiToken: ["from", "to"] } });
  // cli-kintone refuses a chosen table column in a record without rows, so each has at least one.
  const texts = ["plain", 'quo"te', "comma, here", "two\nlines", "絵文字🎣と全角　空白", " edges "];
  const records = texts.map((memo, i) => ({
    code: { value: `K${i}` },
    qty: { value: `${i}.${i}` },
    memo: { value: memo },
    day: { value: i % 2 ? `2026-0${i + 1}-01` : null },
    at: { value: "2026-12-31T23:59:00+09:00" },
    kind: { value: ["特急", "普通", ""][i % 3] },
    marks: { value: [[], ["青"], ["赤", "青"]][i % 3] },
    people: { value: i % 2 ? [{ code: "Administrator" }] : [] },
    明細: { value: Array.from({ length: i + 1 }, (_, r) => ({ value: { 品: { value: `${memo}${r}` }, 数: { value: r } } })) },
  }));
  await client.record.addAllRecords({ app: from, records });

  const exported = await cli(sim, ["record", "export", "--app", String(from), "--api-token", "from"]);
  assert.equal(exported.code, 0, exported.stderr);
  const csv = join(folder, "all.csv");
  await writeFile(csv, exported.stdout);
  const args = ["--app", String(to), "--api-token", "to", "--file-path", csv];
  const columns = "code,qty,memo,day,at,kind,marks,people,明細";
  const imported = await cli(sim, ["record", "import", ...args, "--fields", columns]);
  assert.equal(imported.code, 0, imported.stderr);

  const written = (await sim.dump(from)).map(plain);
  assert.deepEqual((await sim.dump(to)).map(plain), written);
  assert.deepEqual(byId(await client.record.getAllRecords({ app: to })), await sim.dump(to));
  assert.deepEqual(byId(readByPython(to, "to")), await sim.dump(to));
  const again = await cli(sim, ["record", "export", "--app", String(to), "--api-token", "to"]);
  const told = (text) => parseCsv(text).map((row) => columns.split(",").map((name) => [name, name === "明細" ? "" : row[name]]));
  assert.deepEqual(told(again.stdout), told(exported.stdout));
  assert.deepEqual(
    parseCsv(exported.stdout).filter((row) => row["*"] === "*").map((row) => row.memo),
    texts,
  );
});

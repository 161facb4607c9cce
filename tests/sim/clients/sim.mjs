// Starts a simulator for a test file, speaks to its control endpoint, and runs cli-kintone against it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Starts the simulator that SUIRO_SIM_BIN names; it ends with this process at the latest. */
export async function startSim() {
  const binary = process.env.SUIRO_SIM_BIN;
  if (!binary) throw new Error("SUIRO_SIM_BIN must name the simulator's binary; tests/sim/clients/run sets it");
  const child = spawn(binary, ["--until-stdin-closes"], { stdio: ["pipe", "pipe", "inherit"] });
  const [baseUrl] = await once(createInterface({ input: child.stdout }), "line");
  return {
    baseUrl,
    /** One order to the control endpoint; fails unless the answer is 200. */
    async control(method, path, body) {
      const answer = await fetch(`${baseUrl}/_sim/${path}`, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const told = await answer.json();
      if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(told)}`);
      return told;
    },
    /** All records of an app, as the simulator holds them, by id. */
    async dump(app) {
      return (await this.control("GET", `apps/${app}/records`)).records;
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Runs cli-kintone; resolves with its exit code and what it printed. */
export function cli(sim, args, options = {}) {
  const script = join(here, "node_modules", "@kintone", "cli", "cli.js");
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(KINTONE_|HTTPS?_PROXY|https?_proxy)/.test(name)),
  );
  return new Promise((resolve) => {
    const all = [script, ...args, "--base-url", sim.baseUrl];
    execFile(process.execPath, all, { env, maxBuffer: 1 << 28, ...options }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

/** The values of a record without what the server made itself: system fields, row ids, file keys. */
export function plain(record) {
  const system = new Set([
    "RECORD_NUMBER", "CREATOR", "CREATED_TIME", "MODIFIER", "UPDATED_TIME", "__ID__", "__REVISION__",
    "STATUS", "STATUS_ASSIGNEE", "CATEGORY",
  ]);
  const value = (field) => {
    if (field.type === "SUBTABLE") return field.value.map((row) => plain(row.value));
    if (field.type === "FILE") return field.value.map(({ name, size }) => ({ name, size }));
    return field.value;
  };
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, field]) => !system.has(field.type))
      .map(([code, field]) => [code, value(field)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Parses CSV as cli-kintone writes it: quoted cells, doubled quotes, newlines inside cells. */
export function parseCsv(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += '"'; i += 1; }
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") { rows.at(-1).push(cell); cell = ""; }
    else if (c === "\n") { rows.at(-1).push(cell); cell = ""; rows.push([]); }
    else if (c !== "\r") cell += c;
  }
  if (cell !== "" || rows.at(-1).length > 0) rows.at(-1).push(cell);
  const [head, ...body] = rows.filter((row) => row.length > 0);
  return body.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ""])));
}

/** The app that most tests use: one field of each kind that a CSV can carry. */
export const everyField = {
  code: { type: "SINGLE_LINE_TEXT", unique: true, required: true, maxLength: "40" },
  qty: { type: "NUMBER" },
  memo: { type: "MULTI_LINE_TEXT" },
  day: { type: "DATE" },
  at: { type: "DATETIME" },
  kind: { type: "DROP_DOWN", options: { 特急: { index: "0" }, 普通: { index: "1" } } },
  marks: { type: "CHECK_BOX", options: { 赤: { index: "0" }, 青: { index: "1" } } },
  people: { type: "USER_SELECT" },
  明細: {
    type: "SUBTABLE",
    fields: { 品: { type: "SINGLE_LINE_TEXT" }, 数: { type: "NUMBER" } },
  },
};

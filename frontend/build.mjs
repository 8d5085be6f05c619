// Builds what the site serves from what we write: `npm run build`, after `npm ci`.
// The same sources and the same lock file give the same bytes, so `npm run check` can compare them.

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build as bundle } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "static", "portal");
const manifest = join(here, "built.json");

const sources = ["build.mjs", "check-in.js", "file-size.js", "look.scss", "mark.svg", "package-lock.json", "package.json", "portal.js"];

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function stylesheet() {
  const { css } = compile(join(here, "look.scss"), {
    loadPaths: [join(here, "node_modules")],
    style: "compressed",
  });
  return `${css}\n`;
}

async function module(name) {
  const result = await bundle({
    absWorkingDir: here,
    bundle: true,
    entryPoints: [name],
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    target: "es2020",
    write: false,
  });
  return result.outputFiles[0].text;
}

async function outputs() {
  return {
    "check-in.js": await module("check-in.js"),
    "file-size.js": await module("file-size.js"),
    "mark.svg": await readFile(join(here, "mark.svg"), "utf8"),
    "portal.css": await stylesheet(),
    "portal.js": await module("portal.js"),
  };
}

async function hashes(names, folder) {
  const pairs = names.map(async (name) => [name, hash(await readFile(join(folder, name)))]);
  return Object.fromEntries(await Promise.all(pairs));
}

const built = await outputs();
const record = {
  sources: await hashes(sources, here),
  outputs: Object.fromEntries(Object.entries(built).map(([name, text]) => [name, hash(text)])),
};

if (process.argv.includes("--check")) {
  const committed = await hashes(Object.keys(built), target);
  const stale = Object.keys(built).filter((name) => committed[name] !== record.outputs[name]);
  if (stale.length > 0) {
    console.error(`Not what the sources give: ${stale.join(", ")}. Run \`npm run build\`.`);
    process.exit(1);
  }
  console.log("The built files are what the sources give.");
} else {
  await mkdir(target, { recursive: true });
  for (const [name, text] of Object.entries(built)) {
    await writeFile(join(target, name), text);
    console.log(`static/portal/${name}  ${Buffer.byteLength(text)} bytes`);
  }
  await writeFile(manifest, `${JSON.stringify(record, null, 2)}\n`);
}

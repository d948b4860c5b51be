// Makes ../editor.js and ../LICENCES.txt from source/ and the locked packages: `node static/editor/build/build.mjs`.
//
// Both are committed, so that neither users nor tests need Node. Everything is installed in a folder of its own outside
// static/, which is served as it lies. The first line of editor.js says what it was made from; tests compare.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const names = ["package.json", "package-lock.json", ...readdirSync(join(here, "source")).sort().map((each) => `source/${each}`)];
const madeFrom = createHash("sha256");
for (const name of names) madeFrom.update(readFileSync(join(here, name)));

const folder = mkdtempSync(join(tmpdir(), "rollcall-editor-"));
try {
  for (const name of ["package.json", "package-lock.json", "source"]) cpSync(join(here, name), join(folder, name), { recursive: true });
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
  const esbuild = createRequire(join(folder, "package.json"))("esbuild");
  const { metafile } = await esbuild.build({
    absWorkingDir: folder,
    entryPoints: ["source/editor.js"],
    outfile: join(here, "..", "editor.js"),
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome109", "firefox115", "safari16.4"],
    legalComments: "none",
    charset: "ascii",
    metafile: true,
    banner: { js: `/* Rollcall's editor, with CodeMirror 6; see LICENCES.txt. Made from ${madeFrom.digest("hex")} */` },
  });
  const bundled = new Set(Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const licences = [...bundled].sort().map((name) => {
    const { version } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(folder, "node_modules", name, "LICENSE"), "utf8").trim()}\n`;
  });
  writeFileSync(join(here, "..", "LICENCES.txt"), `editor.js contains:\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

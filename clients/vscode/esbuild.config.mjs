// Makes dist/extension.js, and puts the schema of buildd.toml beside it.
import { copyFileSync } from "node:fs";
import { build } from "esbuild";

copyFileSync("../../daemon/buildd/buildd.schema.json", "buildd.schema.json");
copyFileSync("../../LICENSE", "LICENSE");
await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  platform: "node",
  target: "node20",
  minify: true,
  // Names of classes and functions, so that a stack trace in an issue can be read.
  keepNames: true,
  logLevel: "warning",
});

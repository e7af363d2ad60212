// Build dist/extension.js, and copy the schema of buildd.toml and the license into the package.
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
  // Keep the names of classes and functions, so that stack traces in issues can be read.
  keepNames: true,
  logLevel: "warning",
});

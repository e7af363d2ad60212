// StyLua comes to npm as a library alone. `node stylua.cjs LIBRARY check|write SETTINGS FILE…`
"use strict";
const fs = require("fs");
const [library, mode, settings, ...files] = process.argv.slice(2);
const stylua = require(library);

const KINDS = { indent_type: "IndentType", quote_style: "QuoteStyle" };

function configuration() {
  const config = stylua.Config.new();
  config.syntax = stylua.LuaVersion.LuaJIT;
  for (const [, key, value] of fs.readFileSync(settings, "utf8").matchAll(/^(\w+) = "?(\w+)/gm)) {
    config[key] = key in KINDS ? stylua[KINDS[key]][value] : Number(value);
  }
  return config;
}

let failed = false;
for (const file of files) {
  const text = fs.readFileSync(file, "utf8");
  const check = stylua.OutputVerification.Full;
  const formatted = stylua.formatCode(text, configuration(), null, check);
  if (formatted === text) continue;
  if (mode === "write") {
    fs.writeFileSync(file, formatted);
  } else {
    console.error(`${file} is not formatted: run \`make format\``);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);

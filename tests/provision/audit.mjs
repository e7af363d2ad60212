// What is known against the packages of clients/vscode. Not every registry answers: then this says
// so, and ends well; whatever else keeps it from an answer is a failure.
import { spawnSync } from "node:child_process";

const { stdout, error } = spawnSync("npm", ["audit", "--json", ...process.argv.slice(2)], {
  cwd: new URL("../../clients/vscode", import.meta.url),
  encoding: "utf8",
});
const report = parsed(stdout ?? "");
if (report.vulnerabilities) {
  const all = Object.values(report.vulnerabilities);
  const grave = all.filter(({ severity }) => severity === "high" || severity === "critical");
  for (const { name, severity, range } of grave) console.log(`${name} ${range}: ${severity}`);
  console.log(`npm audit: ${grave.length} of weight, ${all.length - grave.length} lesser`);
  process.exitCode = grave.length ? 1 : 0;
} else if (report.message) {
  console.log(`npm audit: left out, the registry did not answer: ${report.message}`);
} else {
  console.log(`npm audit: failed: ${error?.message ?? report.error?.summary ?? "no report"}`);
  process.exitCode = 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The results of runs: diagnostics and tests. */

export interface DiagnosticsParams {
  project: string;
  task?: string;
}

export interface DiagnosticsResult {
  diagnostics: Diagnostic[];
}

/** A place: lines and columns are 1-based, columns count code points, ends are exclusive. */
export interface Place {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Diagnostic extends Place {
  severity: "error" | "warning" | "information" | "hint";
  code: string;
  message: string;
  source: string;
  href: string;
  tags: ("unnecessary" | "deprecated")[];
  related: Related[];
  fixes: Fix[];
  rendered: string;
}

export interface Related extends Place {
  message: string;
}

export interface Edit extends Place {
  text: string;
}

export interface Fix {
  title: string;
  edits: Edit[];
  preferred?: boolean;
}

export interface TestsParams {
  project: string;
  task?: string;
  run?: string;
}

export interface TestsResult {
  tasks: TaskTests[];
}

export interface TaskTests {
  task: string;
  tests: Test[];
}

export interface Test {
  path: string[];
  state: "passed" | "failed" | "errored" | "skipped";
  source: string;
  duration?: number;
  message?: string;
  output?: string;
  file?: string;
  line?: number;
  column?: number;
  declared?: Declaration;
}

/** Where a test is declared; without a line, only the file is known. */
export interface Declaration {
  file: string;
  line?: number;
}

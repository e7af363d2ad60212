/**
 * Completion, hover and colours in `buildd.toml`, from the schema in the package. If the extension
 * Even Better TOML is installed, that one does all three, by the `tomlValidation` of package.json.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { describe, propose, type Proposal, type Schema } from "./toml.ts";
import { KINDS, tokens } from "./tomlTokens.ts";

const SELECTOR: vscode.DocumentSelector = { scheme: "file", pattern: "**/buildd.toml" };
const EVEN_BETTER_TOML = "tamasfe.even-better-toml";

const ITEMS = {
  table: vscode.CompletionItemKind.Module,
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
};

export function completeConfiguration(extensionPath: string): vscode.Disposable {
  let read: Schema | undefined;
  const schema = (): Schema => {
    read ??= JSON.parse(readFileSync(join(extensionPath, "buildd.schema.json"), "utf8")) as Schema;
    return read;
  };
  const isDoneElsewhere = (): boolean =>
    vscode.extensions.getExtension(EVEN_BETTER_TOML) !== undefined;
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(
      SELECTOR,
      {
        provideCompletionItems: (document, position) => {
          if (isDoneElsewhere()) return [];
          const text = document.getText();
          const offset = document.offsetAt(position);
          const proposals = propose(schema(), text.slice(0, offset), text.slice(offset));
          // Keys contain hyphens, at which a word would otherwise end.
          const range = document.getWordRangeAtPosition(position, /[\w-]+/);
          return proposals.map((proposal) => item(proposal, range));
        },
      },
      "[",
      "=",
      '"',
    ),
    vscode.languages.registerHoverProvider(SELECTOR, {
      provideHover: (document, { line, character }) => {
        if (isDoneElsewhere()) return undefined;
        const text = describe(schema(), document.getText(), line, character);
        return text ? new vscode.Hover(new vscode.MarkdownString(text)) : undefined;
      },
    }),
    vscode.languages.registerDocumentSemanticTokensProvider(
      SELECTOR,
      {
        provideDocumentSemanticTokens: (document) => {
          const builder = new vscode.SemanticTokensBuilder();
          if (!isDoneElsewhere()) {
            for (const { line, start, length, kind } of tokens(document.getText())) {
              builder.push(line, start, length, KINDS.indexOf(kind));
            }
          }
          return builder.build();
        },
      },
      new vscode.SemanticTokensLegend([...KINDS]),
    ),
  );
}

function item(
  { label, insert, kind, description }: Proposal,
  range: vscode.Range | undefined,
): vscode.CompletionItem {
  const made = new vscode.CompletionItem(label, ITEMS[kind]);
  made.insertText = new vscode.SnippetString(insert);
  if (range) made.range = range;
  made.documentation = new vscode.MarkdownString(description);
  if (insert.includes('"$0"')) {
    made.command = { command: "editor.action.triggerSuggest", title: "Suggest" };
  }
  return made;
}

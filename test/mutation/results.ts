import type { FileResult } from './report.ts';
import { filesOf, type Part, parts } from './scope.ts';
import { bar, type Explanation, explains, scoreOf } from './verdict.ts';

/** What the page tells beside the results. */
export interface Circumstances {
  explanations: readonly Explanation[];
  /** Programs and their versions. */
  versions: string;
}

/** The results as a page. */
export function resultsPage(
  results: Readonly<Record<string, FileResult>>,
  { explanations, versions }: Circumstances,
): string {
  const all = Object.values(results);
  const days = [...new Set(all.map(({ day }) => day))].toSorted();
  return [
    '# Tests that can fail',
    '',
    'Written by `npm run test:mutation`. Stryker changes the code in many small ways, one at a time: a condition turned round,',
    'a call left out, a text emptied. Each such mutant meets the unit tests, the hostile sources and 100 simulated clusters',
    `until a test fails or none ends: then it is killed. At least ${bar} of a hundred have to be, of each part.`,
    '',
    `- Day: ${days.join(', ')}`,
    `- ${versions}`,
    '',
    '| part | mutants | killed | live | of a hundred killed |',
    '|---|---|---|---|---|',
    ...(Object.keys(parts) as Part[]).map((part) => row(part, resultsIn(results, filesOf(part)))),
    row('**all**', all),
    '',
    '| file | mutants | killed | live | of a hundred killed |',
    '|---|---|---|---|---|',
    ...Object.entries(results).map(([file, result]) => row(`\`${file}\``, [result])),
    '',
    '## Those that live, and why',
    '',
    'Mutants that cannot even be loaded do not count.',
    '',
    ...Object.entries(results).flatMap(([file, result]) => survivorsIn(file, result, explanations)),
  ].join('\n');
}

function resultsIn(results: Readonly<Record<string, FileResult>>, files: readonly string[]): FileResult[] {
  return files.flatMap((file) => results[file] ?? []);
}

function row(name: string, results: readonly FileResult[]): string {
  const killed = results.reduce((sum, one) => sum + one.killed, 0);
  const live = results.reduce((sum, one) => sum + one.survivors.length, 0);
  return `| ${name} | ${killed + live} | ${killed} | ${live} | ${scoreOf(results).toFixed(1)} |`;
}

function survivorsIn(file: string, { survivors }: FileResult, explanations: readonly Explanation[]): string[] {
  if (survivors.length === 0) return [];
  const lines = survivors.map((survivor) => {
    const why = explanations.find((one) => explains(one, file, survivor))?.because ?? '**not explained**';
    return `- ${code(survivor.original)} → ${code(survivor.replacement)}: ${why}`;
  });
  return [`### ${file}`, '', ...lines, ''];
}

function code(text: string): string {
  if (text === '') return 'nothing';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

import { cpus, totalmem } from 'node:os';
import type { Figure, Measured } from './figure.ts';

/** The results as a page. */
export function resultsPage(groups: readonly Measured[]): string {
  const figures = groups.flatMap((group) => group.figures);
  const plots = groups.flatMap(({ plots: ofGroup = [] }) => ofGroup);
  const unique = <T>(values: readonly T[]) => [...new Set(values)].join(', ');
  const barred = figures.filter(({ reached }) => reached !== undefined);
  const rest = figures.filter(({ reached }) => reached === undefined);
  const [{ model } = { model: 'unknown' }] = cpus();
  return [
    '# What a run costs',
    '',
    'Written by `npm run bench`. Each run of the job stands beside a run of the yardstick (`test/bench/yardstick`), a bare',
    'client-go program without rate limit that does the same API work with nothing around it, on the same cluster at the same',
    `time. Ratios are medians of ${unique(groups.map(({ runs }) => runs))} such pairs, after one that does not count. The job runs as in a pod: the image's`,
    "command, the chart's identity, 16 namespaces at a time. API server, etcd and controller-manager share the machine with it.",
    '',
    `- Day: ${unique(groups.map(({ day }) => day).toSorted())}`,
    `- Machine: ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux`,
    `- Node ${process.versions.node}, Kubernetes 1.37.2, client-go 0.37.2`,
    '',
    '| figure | bar | result | | details |',
    '|---|---|---|---|---|',
    ...barred.map(row),
    '',
    '## Beside each other',
    '',
    '| run | result | details |',
    '|---|---|---|',
    ...rest.map(({ name, result, details }) => `| ${name} | ${result} | ${details} |`),
    '',
    ...plots.flatMap(({ file, title }) => [`![${title}](${file})`, '']),
  ].join('\n');
}

function row({ name, bar, result, reached, details }: Figure): string {
  return `| ${name} | ${bar} | ${result} | ${reached ? 'reached' : '**missed**'} | ${details} |`;
}

import { parseConfig } from '../../../job/src/config/config.ts';
import { createMask } from '../../../job/src/credentials/masking.ts';
import { type LoadedTarget, loadTargets } from '../../../job/src/credentials/sources.ts';
import { createLog } from '../../../job/src/log.ts';

/** What a source holds. */
export type Source = SecretSource | { file: Buffer };

export interface SecretSource {
  type: string;
  data: Record<string, Buffer>;
}

export interface Outcome {
  /** What a copy would hold; `undefined` where the sources are refused. */
  copy: Buffer | undefined;
  problems: LoadedTarget['problems'];
  warnings: string[];
  /** Everything that a run says of the sources, in each form that it may have, and with nothing masked. */
  said: string;
}

/** The source in words, by its place among those of its target. */
export function originOf(source: Source, index: number): string {
  return 'file' in source ? `file ${pathOf(index)}` : `Secret registry-access/${nameOf(index)}`;
}

/** One target with these sources, as a run loads it. */
export async function deliver(sources: readonly Source[]): Promise<Outcome> {
  const target = {
    name: 'default',
    secretName: 'pull',
    sources: sources.map((source, index) => ('file' in source ? { file: pathOf(index) } : { secret: nameOf(index) })),
  };
  const config = parseConfig(
    JSON.stringify({ release: 'registry-access/pullsecret-sync', targets: [target] }),
    'a test',
  );
  const clock = { now: () => new Date('2026-11-24T12:00:00Z'), elapsed: () => 0, sleep: async () => {} };
  const [loaded] = (await loadTargets(config, {
    cluster: {
      async readSecret(_namespace, name) {
        const source = sources.find((_, index) => nameOf(index) === name);
        if (!source || 'file' in source) return undefined;
        const data = Object.entries(source.data).map(([key, bytes]) => [key, bytes.toString('base64')]);
        return { uid: 'uid', resourceVersion: '1', type: source.type, data: Object.fromEntries(data) };
      },
    },
    async readFile(path) {
      const source = sources.find((_, index) => pathOf(index) === path);
      return source && 'file' in source ? source.file : undefined;
    },
    clock,
    signal: new AbortController().signal,
  })) as [LoadedTarget];
  const { content, problems, warnings } = loaded;
  const copy = content === undefined ? undefined : Buffer.from(content, 'base64');
  return { copy, problems, warnings, said: sayingOf(loaded) };
}

function sayingOf({ problems, warnings, sources }: LoadedTarget): string {
  const lines: string[] = [];
  const { apply } = createMask();
  for (const format of ['json', 'text'] as const) {
    const clock = { now: () => new Date(0), elapsed: () => 0, sleep: async () => {} };
    const log = createLog({ format, clock, mask: { add: () => {}, apply }, write: (line) => lines.push(line) });
    for (const warning of warnings) log.warn(warning);
    for (const { message, fix } of problems) log.error(message, { fix });
  }
  return [...lines, JSON.stringify(sources)].join('\n');
}

function nameOf(index: number): string {
  return `source-${index}`;
}

function pathOf(index: number): string {
  return `/credentials/source-${index}.json`;
}

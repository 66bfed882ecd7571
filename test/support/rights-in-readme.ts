import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventName, eventReasons } from '../../job/src/report/namespace-events.ts';
import type { Right } from './rights.ts';

/** Values that change which rights there are, such as `follow.enabled`. */
export type Switches = Record<string, boolean>;

/** What the tables call names, and which they are. */
export type Names = Record<string, string[]>;

export interface RightsInReadme {
  job(switches: Switches, names: Names): Set<Right>;
  cleanup(switches: Switches, names: Names): Set<Right>;
}

const columns = ['verbs', 'resources', 'names', 'where', 'with', 'what for'];
const releaseNamespace = 'registry-access';

/** What the README's tables grant in a release `pullsecret-sync` in the namespace `registry-access`. */
export async function rightsInReadme(): Promise<RightsInReadme> {
  const lines = (await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')).split('\n');
  const rights = (heading: string) => {
    const rows = tableUnder(heading, lines);
    return (switches: Switches, names: Names) => new Set(rows.flatMap((row) => rightsOf(row, switches, names)));
  };
  return { job: rights('### The job'), cleanup: rights('### The cleanup') };
}

/** The names in a release whose values have these secret names, ServiceAccounts (`*`: all) and sources. */
export function namesIn(copies: string[], accounts: string[], sources: string[]): Names {
  const release = { namespace: releaseNamespace, name: 'pullsecret-sync' };
  return {
    all: ['*'],
    copies,
    accounts,
    sources,
    events: copies.flatMap((copy) => eventReasons.map((reason) => eventName(release, copy, reason))),
    configuration: ['pullsecret-sync'],
    status: ['pullsecret-sync-status'],
    schedule: ['pullsecret-sync'],
    follower: ['pullsecret-sync'],
    binding: ['registry-access-pullsecret-sync'],
  };
}

/** The cells of each row of the first table after a heading. */
function tableUnder(heading: string, lines: readonly string[]): string[][] {
  const place = lines.indexOf(heading);
  assert.ok(place >= 0, `the README has no heading ${heading}`);
  const start = lines.findIndex((line, index) => index > place && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  const [head, , ...rows] = lines.slice(start, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  assert.deepEqual(head, columns);
  return rows;
}

function rightsOf(row: string[], switches: Switches, names: Names): Right[] {
  const [verbs = '', resource = '', name = '', where = '', condition = '', purpose = ''] = row;
  assert.notEqual(purpose, '', `nothing says what ${verbs} ${resource} is for`);
  assert.match(where, /^(cluster|every namespace|release namespace)$/);
  const isGiven = condition === 'always' || switches[condition.replaceAll('`', '')];
  assert.ok(isGiven !== undefined, `${condition} is no switch that is tried`);
  assert.ok(names[name], `${name} is none of the names that are known`);
  if (!isGiven) return [];
  const namespace = where === 'release namespace' ? releaseNamespace : '*';
  return verbs
    .split(', ')
    .flatMap((verb) => names[name]?.map((one) => `${verb} ${resource} ${one} ${namespace}`) ?? []);
}

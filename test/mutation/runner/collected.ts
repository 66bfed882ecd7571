/** Stands for `node:test`: keeps the tests of the files that are imported, so that each can be run many times. */

type Run = (context: Context) => unknown;
type Hook = () => unknown;

interface Context {
  after(hook: Hook): void;
  diagnostic(text: string): void;
}

interface Scope {
  before: Hook[];
  after: Hook[];
  beforeEach: Hook[];
  afterEach: Hook[];
  /** The titles of the suites around. */
  path: string[];
  outer?: Scope;
}

export interface CollectedTest {
  id: string;
  file: string;
  scope: Scope;
  run: Run;
}

let collected: CollectedTest[] = [];
let file = '';
let scope = newScope();

/** The tests of a file. */
export async function collectTests(ofFile: string, importFile: () => Promise<unknown>): Promise<CollectedTest[]> {
  collected = [];
  file = ofFile;
  scope = newScope();
  await importFile();
  return collected;
}

export function test(title: string, ...rest: [Run] | [object, Run]): void {
  const name = [...scope.path, title].join(' ');
  // Two files, and two tests of a table, may have one name.
  const id = `${file}#${collected.length + 1}: ${name}`;
  collected.push({ id, file, scope, run: rest.at(-1) as Run });
}

export function describe(title: string, define: () => void): void {
  scope = newScope(scope, title);
  define();
  scope = scope.outer as Scope;
}

export const suite = describe;

export const before = (hook: Hook) => scope.before.push(hook);
export const after = (hook: Hook) => scope.after.push(hook);
export const beforeEach = (hook: Hook) => scope.beforeEach.push(hook);
export const afterEach = (hook: Hook) => scope.afterEach.push(hook);

function newScope(outer?: Scope, title?: string): Scope {
  const path = [...(outer?.path ?? []), ...(title === undefined ? [] : [title])];
  return { before: [], after: [], beforeEach: [], afterEach: [], path, ...(outer ? { outer } : {}) };
}

/** Outer ones first. */
export function scopesOf({ scope: own }: CollectedTest): Scope[] {
  const scopes: Scope[] = [];
  for (let one: Scope | undefined = own; one; one = one.outer) scopes.unshift(one);
  return scopes;
}

/** @throws what the test throws */
export async function runTest(one: CollectedTest): Promise<void> {
  const scopes = scopesOf(one);
  const afterwards: Hook[] = [];
  try {
    for (const hook of scopes.flatMap(({ beforeEach: hooks }) => hooks)) await hook();
    await one.run({ after: (hook) => afterwards.push(hook), diagnostic: () => {} });
  } finally {
    for (const hook of [...afterwards, ...scopes.flatMap(({ afterEach: hooks }) => hooks)]) await hook();
  }
}

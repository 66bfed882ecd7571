import type {
  Cluster,
  NamespaceRecord,
  SecretContent,
  ServiceAccountPatch,
  SourceSecret,
} from '../../job/src/cluster.ts';
import type { Config, Target } from '../../job/src/config.ts';
import { copyType } from '../../job/src/docker-config.ts';
import { addedMark, marks, ownerMark, parseAdded } from '../../job/src/marks.ts';
import { serviceAccountSelector } from '../../job/src/selection.ts';
import { statusName } from '../../job/src/status.ts';
import { serviceAccountRecord } from './cluster-model.ts';
import type { Fields } from './fields.ts';
import type { Change, Model, StoredObject } from './model.ts';
import { expectedContent, release, secretName } from './world.ts';

const contentField = 'data/.dockerconfigjson';
const labelField = `labels/${marks.managedBy}`;
const ownerField = `annotations/${marks.owner}`;
const addedField = `annotations/${marks.added}`;
const ours = addedMark(release, secretName);

/** A promise of the design that a write broke. */
export class Violation extends Error {
  override name = 'Violation';
}

/** What one run of the engine was told, so that its writes can be judged by what it knew. */
export interface Knowledge {
  config: Config | undefined;
  sources: Map<string, SourceSecret | undefined>;
  /** Namespace by namespace, the number of changes when the run last heard of the copy there. */
  heardOf: (namespace: string) => number;
}

export interface Witness extends Knowledge {
  readConfig(config: Config): void;
  /** How many changes there were, to say when an answer was true. */
  now(): number;
  /** An answer that the run got, or the failure, and when its request took effect. */
  hear(method: keyof Cluster, args: readonly unknown[], answer: unknown, at: number): void;
}

/** Looks at every change of the model and judges those that the engine made. */
export class Invariants {
  /** Write requests of the engine that were answered, the ones that changed nothing too. */
  writes = 0;
  violation: Violation | undefined;
  readonly #model: Model;
  readonly #witnesses = new Map<string, Witness>();
  /** By namespace: when, counted in changes, and by whom the Secret with the copy's name was changed. */
  readonly #changes = new Map<string, Array<{ at: number; actor: string }>>();
  /** Namespaces that some run saw with an annotation that takes them out. */
  readonly #excluded = new Set<string>();
  #now = 0;

  constructor(model: Model) {
    this.#model = model;
    model.onChange = (change) => {
      this.#now += 1;
      this.#judge(change);
      const { resource, namespace, name } = (change.after ?? change.before) as StoredObject;
      if (resource !== 'secrets' || name !== secretName) return;
      const changes = this.#changes.get(namespace) ?? [];
      this.#changes.set(namespace, [...changes, { at: this.#now, actor: change.actor }]);
    };
  }

  /** What one run gets to know. */
  witness(actor: string): Witness {
    const heard = new Map<string, number>();
    let heardOfAll = 0;
    const witness: Witness = {
      config: undefined,
      sources: new Map(),
      heardOf: (namespace) => Math.max(heardOfAll, heard.get(namespace) ?? 0),
      readConfig(config) {
        witness.config = config;
      },
      now: () => this.#now,
      hear: (method, args, answer, at) => {
        const failed = answer instanceof Error;
        if (!method.startsWith('list') && !method.startsWith('read')) this.writes += 1;
        if (method === 'readSecret') {
          witness.sources.set(args[1] as string, failed ? undefined : (answer as SourceSecret | undefined));
        }
        if (failed) return;
        if (method === 'createSecret' || method === 'updateSecret') {
          heard.set((args[0] as SecretContent).namespace, at);
        }
        if (method === 'listNamespaces') this.#noteExcluded(answer as NamespaceRecord[]);
        if (method !== 'listSecrets') return;
        const { namespace } = args[0] as { namespace?: string };
        if (namespace === undefined) heardOfAll = at;
        else heard.set(namespace, at);
      },
    };
    this.#witnesses.set(actor, witness);
    return witness;
  }

  #noteExcluded(namespaces: NamespaceRecord[]): void {
    for (const { name, annotations } of namespaces) {
      if (annotations[marks.exclude] === 'true' || annotations[marks.patcherExclude] === 'true')
        this.#excluded.add(name);
    }
  }

  #judge({ actor, before, after }: Change): void {
    const knowledge = this.#witnesses.get(actor);
    if (!knowledge) return;
    const object = (after ?? before) as StoredObject;
    const broken = this.#broken(knowledge, actor, before, after, object);
    if (broken !== undefined) {
      this.violation ??= new Violation(`${actor}, ${object.resource} ${object.namespace}/${object.name}: ${broken}`);
    }
  }

  #broken(
    knowledge: Knowledge,
    actor: string,
    before: StoredObject | undefined,
    after: StoredObject | undefined,
    object: StoredObject,
  ): string | undefined {
    if (object.resource === 'configmaps') return brokenStatus(after);
    const target = knowledge.config?.targets.find((one) => one.secretName === secretName);
    if (!target) return 'a write without a configuration';
    const content = contentKnown(target, knowledge);
    if (content === undefined) return 'a write for a target with a bad source';
    if (isUndo(before, after) && this.#isUnwanted(target, before, object)) return brokenUndo(target, before, object);
    if (!covers(target, object.namespace)) return 'a write in a namespace that the configuration excludes';
    if (object.resource === 'secrets') return brokenSecret(target, content, before, after, object);
    if (!before || !after) return 'a ServiceAccount was created or deleted';
    return brokenList(target, before, after) ?? this.#brokenReference(knowledge, actor, before, after);
  }

  /** What we added may go where it is wanted no more, or was excluded when some run looked. */
  #isUnwanted(target: Target, before: StoredObject | undefined, { namespace, resource, name }: StoredObject): boolean {
    const marked = before?.fields.get(`annotations/${marks.exclude}`) === 'true';
    const wants = serviceAccountSelector(target.serviceAccounts);
    const unwanted = resource === 'serviceaccounts' && !wants({ name, annotations: {} });
    return marked || unwanted || !covers(target, namespace) || this.#excluded.has(namespace);
  }

  /** A reference goes only where the copy is, as far as the run could know. */
  #brokenReference(knowledge: Knowledge, actor: string, before: StoredObject, after: StoredObject): string | undefined {
    const { namespace } = after;
    if (listOf(before).includes(secretName) || !listOf(after).includes(secretName)) return undefined;
    const since = knowledge.heardOf(namespace);
    const changes = this.#changes.get(namespace) ?? [];
    if (changes.some(({ at, actor: who }) => at > since && who !== actor)) return undefined;
    const secret = this.#model.get({ resource: 'secrets', namespace, name: secretName });
    if (!secret) return 'a reference without a copy';
    if (!isOurs(secret) && !isSource(knowledge.config, secret)) return 'a reference to a foreign Secret';
    return undefined;
  }
}

/** The status is the only ConfigMap that a run may write, and it stays. */
function brokenStatus(after: StoredObject | undefined): string | undefined {
  if (!after) return 'a ConfigMap was deleted';
  return after.name === statusName(release) ? undefined : 'a ConfigMap that is not ours changed';
}

/** A Secret that is deleted, or a reference of ours that is taken out together with its mark and nothing else. */
function isUndo(before: StoredObject | undefined, after: StoredObject | undefined): boolean {
  if (!before) return false;
  if (!after) return before.resource === 'secrets';
  if (before.resource !== 'serviceaccounts') return false;
  const [was, is] = [listOf(before), listOf(after)];
  const [had, has] = [before, after].map(({ fields }) => parseAdded(fields.get(addedField))) as [string[], string[]];
  return (
    had.includes(ours) &&
    JSON.stringify(is) === JSON.stringify(was.filter((one) => one !== secretName)) &&
    JSON.stringify(has) === JSON.stringify(had.filter((mark) => mark !== ours)) &&
    foreignFields(before, after, ['imagePullSecrets', addedField]) === undefined
  );
}

function brokenUndo(
  target: Target,
  before: StoredObject | undefined,
  { namespace, resource, name }: StoredObject,
): string | undefined {
  if (resource !== 'secrets') return undefined;
  if (before && !isOurs(before)) return 'a foreign Secret was deleted';
  const source = target.sources.some((one) => 'secret' in one && one.secret === name);
  return source && namespace === release.namespace ? 'the source was deleted' : undefined;
}

function brokenSecret(
  target: Target,
  content: string,
  before: StoredObject | undefined,
  after: StoredObject | undefined,
  { name, namespace }: StoredObject,
): string | undefined {
  if (name !== target.secretName) return 'a Secret of another name was written';
  if (namespace === release.namespace && target.sources.some((one) => 'secret' in one && one.secret === name)) {
    return 'the source was written';
  }
  if (before && !isOurs(before)) return after ? 'a foreign Secret was changed' : 'a foreign Secret was deleted';
  if (before && !after) {
    const replaceable = before.fields.get('type') !== copyType || before.fields.get('immutable') === 'true';
    return replaceable ? undefined : 'a copy was deleted that could be updated';
  }
  if (!after) return undefined;
  if (!isOurs(after) || after.fields.get('type') !== copyType) return 'a copy without marks, or of the wrong type';
  if (after.fields.get(contentField) !== content) return 'a copy does not hold what its sources gave';
  const foreign = foreignFields(before, after, [labelField, ownerField, contentField]);
  return before ? foreign : undefined;
}

function brokenList(target: Target, before: StoredObject, after: StoredObject): string | undefined {
  const [was, is] = [listOf(before), listOf(after)];
  const appended = was.includes(secretName) ? was : [...was, secretName];
  if (JSON.stringify(is) !== JSON.stringify(appended)) return `the list ${was} became ${is}`;
  if (before.fields.get('annotations/pullsecret-sync.io/exclude') === 'true') return 'an excluded ServiceAccount';
  const { listAppliedBy } = serviceAccountRecord(before);
  if (target.serviceAccounts.skipApplied && listAppliedBy !== undefined) return `the list is ${listAppliedBy}'s`;
  const [had, has] = [before, after].map(({ fields }) => parseAdded(fields.get(addedField))) as [string[], string[]];
  if (is.length > was.length && !has.includes(ours)) return 'a reference without a mark';
  if (!had.every((mark) => has.includes(mark))) return 'a mark was lost';
  return foreignFields(before, after, ['imagePullSecrets', addedField]);
}

/** Names a field that changed and is not one of the job's own. */
function foreignFields(before: StoredObject | undefined, after: StoredObject, own: string[]): string | undefined {
  const was: Fields = before?.fields ?? new Map();
  for (const field of [...was.keys(), ...after.fields.keys()]) {
    if (!own.includes(field) && was.get(field) !== after.fields.get(field)) return `${field} changed`;
  }
  return undefined;
}

/** What the copies have to hold by what the run read last; `undefined` where a source was bad or not read. */
function contentKnown(target: Target, { sources }: Knowledge): string | undefined {
  return expectedContent(target.sources.map((one) => ('secret' in one ? sources.get(one.secret) : undefined)));
}

export function isOurs({ fields, namespace }: StoredObject): boolean {
  return fields.get(labelField) === marks.managedByValue && fields.get(ownerField) === ownerMark(release, namespace);
}

export function isSource(config: Config | undefined, { namespace, name }: StoredObject): boolean {
  const sources = config?.targets.flatMap((target) => target.sources) ?? [];
  return namespace === release.namespace && sources.some((one) => 'secret' in one && one.secret === name);
}

/** Whether the globs of a target take a namespace in. The simulation's globs have a star at the end, if any. */
export function covers({ namespaces: { include, exclude } }: Target, namespace: string): boolean {
  const matches = (glob: string) => (glob.endsWith('*') ? namespace.startsWith(glob.slice(0, -1)) : namespace === glob);
  return include.some(matches) && !exclude.some(matches) && namespace !== 'kube-system';
}

export function listOf(serviceAccount: StoredObject): ServiceAccountPatch['imagePullSecrets'] {
  return serviceAccountRecord(serviceAccount).imagePullSecrets;
}

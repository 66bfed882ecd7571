import type {
  Cluster,
  NamespaceRecord,
  SecretContent,
  SecretRecord,
  ServiceAccountRecord,
  SourceSecret,
  WatchedChange,
  WatchQuery,
} from '../../job/src/cluster/cluster.ts';
import type { Config, Target } from '../../job/src/config/config.ts';
import { release } from './names.ts';
import { expectedContent } from './sources.ts';
import { managedNames, type Wish, wishFor } from './wishes.ts';

export type Role = 'run' | 'cleanup';

/** That of a process that read a configuration. */
export type Configured = Knowledge & { config: Config };

/** What one process was told by the API server, so that its writes can be judged by what it knew. */
export class Knowledge {
  config: Config | undefined;
  /** Requests to write Secrets and ServiceAccounts that were answered, the ones that changed nothing too. */
  writes = 0;
  /** How often it looked at all namespaces. */
  fullLooks = 0;
  /** Copies that it removed since nobody wants them, and references that it took out though the copy stays. */
  readonly removals = { copies: 0, references: 0 };
  /** By a run; by a follower since it last looked at everything. */
  evictions = 0;
  follows = false;
  events = 0;
  /** It read that runs stand still now. */
  mustRest = false;
  /** When it read a lower `maxRemovePercent` than before: milliseconds. What went under the other one was meant. */
  limitLowered = Number.NEGATIVE_INFINITY;
  /** What registries told it of logins, each `<host> <auth>`. */
  readonly tried = new Map<string, 'accepted' | 'refused' | 'unreachable'>();
  readonly role: Role;
  readonly #sources = new Map<string, SourceSecret | undefined>();
  readonly #contents = new Map<string, string | undefined>();
  /** Namespaces as they were seen since, and in, the last full look, and when: in changes of the model. */
  #namespaces = new Map<string, Array<{ record: NamespaceRecord; at: number }>>();
  /** Namespaces and ServiceAccounts as the last full look showed them. */
  #looked = new Map<string, NamespaceRecord>();
  #accounts: ServiceAccountRecord[] = [];
  /** When, in changes of the model, it heard of Secrets and ServiceAccounts last: of all, or in one namespace. */
  readonly #heard = new Map<string, number>();
  /** By secret name: the Secrets that the last full look showed. */
  readonly #seen = new Map<string, SecretRecord[]>();
  /** The contents of all Secrets that full looks showed since the sources are what they are. */
  readonly #held = new Set<string>();
  /** What watches told that no pass of the process could count with yet. */
  #news: Array<() => void> = [];
  /** In answers: the last look or write, and the last reading of the configuration and of each source. */
  #answers = 0;
  #lastWork = 0;
  readonly #lastRead = new Map<string, number>();

  constructor(role: Role) {
    this.role = role;
  }

  readConfig(config: Config, now: number): void {
    if (config.maxRemovePercent < (this.config?.maxRemovePercent ?? 0)) this.limitLowered = now;
    this.config = config;
    this.mustRest = this.role === 'run' && Date.parse(config.standStillUntil ?? '') > now;
  }

  /** An answer that the process got, or the failure, and when its request took effect. */
  hear(method: keyof Cluster, args: readonly unknown[], answer: unknown, at: number): void {
    this.#answers += 1;
    if (method === 'readConfigMap') this.#lastRead.set('configuration', this.#answers);
    if (method === 'readConfigMap' && args[1] === release.name) this.#takeNews();
    else if (method === 'readSecret') this.#readSource(args[1] as string, answer);
    else this.#lastWork = this.#answers;
    if (/^(create|update|delete|unmark|patch)(Secret|ServiceAccount)$/.test(method)) this.writes += 1;
    if (answer instanceof Error) return;
    if (method === 'createSecret' || method === 'updateSecret') {
      const { name, namespace } = args[0] as SecretContent;
      this.#heard.set(`${name} ${namespace}`, at);
    }
    if (method === 'listNamespaces') this.#seeNamespaces(answer as NamespaceRecord[], at, args[0] as { name?: string });
    const { name, namespace = '' } = (args[0] ?? {}) as { name?: string; namespace?: string };
    if (method === 'listSecrets') this.#heard.set(`${name} ${namespace}`, at);
    if (method === 'listSecrets' && namespace === '') this.#seeSecrets(name as string, answer as SecretRecord[]);
    if (method === 'listServiceAccounts') this.#heard.set(`account ${name ?? ''} ${namespace}`, at);
    if (method === 'listServiceAccounts' && namespace === '') this.#seeAccounts(name, answer as ServiceAccountRecord[]);
  }

  /** A watch told of a change, and when that was. A pass that begins then counts with it. */
  watched(query: WatchQuery, { namespace, name, isNew, object }: WatchedChange, at: number): void {
    if (query.namespace !== undefined) return;
    const account = query.resource === 'serviceaccounts' ? 'account ' : '';
    const key =
      query.resource === 'namespaces' ? (isNew ? `new ${namespace}` : undefined) : `${account}${name} ${namespace}`;
    // What a namespace is wanted to be may be seen in the middle of a pass, too.
    if (object && 'namespace' in object) this.#seeNamespaces([object.namespace], at, { name });
    if (key !== undefined) this.#news.push(() => this.#heard.set(key, Math.max(this.#heard.get(key) ?? 0, at)));
  }

  #takeNews(): void {
    for (const take of this.#news.splice(0)) take();
  }

  /** What may shall become of a secret name in a namespace, by each state in which the namespace was seen. */
  wishes(namespace: string, secretName: string): Wish[] {
    const { config } = this;
    const seen = this.#namespaces.get(namespace) ?? [];
    if (!config) return [];
    if (this.role === 'cleanup') return managedNames(config).includes(secretName) ? [{ kind: 'absent' }] : [];
    return seen.flatMap(({ record }) => wishFor(config, record, secretName) ?? []);
  }

  /** What shall become of a secret name in a namespace, by the last full look; `undefined` where that did not show it. */
  wishAtLook(namespace: string, secretName: string): Wish | undefined {
    const record = this.#looked.get(namespace);
    return this.config && record && wishFor(this.config, record, secretName);
  }

  namespacesAtLook(): string[] {
    return [...this.#looked.keys()];
  }

  accountsAtLook(): readonly ServiceAccountRecord[] {
    return this.#accounts;
  }

  /** What copies have to hold by what was read last; `undefined` where a source was bad or not read. */
  content(targets: readonly Target[]): string | undefined {
    // In a target the later source counts, and of several targets the earlier one.
    const names = targets
      .toReversed()
      .flatMap(({ sources }) => sources.map((one) => ('secret' in one ? one.secret : '')));
    const key = names.join();
    if (!this.#contents.has(key)) {
      this.#contents.set(key, expectedContent(names.map((name) => this.#sources.get(name))));
    }
    return this.#contents.get(key);
  }

  heardOfSecret(namespace: string, name: string): number {
    return this.#lastHeard([`${name} ${namespace}`, `${name} `, `new ${namespace}`]);
  }

  heardOfAccount(namespace: string, name: string): number {
    const lists = [`account ${name} ${namespace}`, `account ${name} `, `account  ${namespace}`, 'account  '];
    return this.#lastHeard([...lists, `new ${namespace}`]);
  }

  #lastHeard(keys: readonly string[]): number {
    return Math.max(...keys.map((key) => this.#heard.get(key) ?? 0));
  }

  /** The Secrets of a name that the last full look showed. */
  seen(name: string): readonly SecretRecord[] {
    return this.#seen.get(name) ?? [];
  }

  /** What Secrets held at some time since the sources are what they are: whoever wrote that has tried the logins in it. */
  heldContents(): ReadonlySet<string> {
    return this.#held;
  }

  sourceVersion(name: string): string | undefined {
    return this.#sources.get(name)?.resourceVersion;
  }

  /** What was not read again after the last look and the last write; `undefined` where everything was. */
  notReadAgain(): string | undefined {
    const sources = this.config?.targets.flatMap((target) => target.sources) ?? [];
    const names = sources.map((one) => ('secret' in one ? one.secret : ''));
    return ['configuration', ...names].find((name) => (this.#lastRead.get(name) ?? 0) < this.#lastWork);
  }

  #readSource(name: string, answer: unknown): void {
    this.#lastRead.set(name, this.#answers);
    const source = answer instanceof Error ? undefined : (answer as SourceSecret | undefined);
    if (source?.resourceVersion !== this.sourceVersion(name)) this.#held.clear();
    this.#sources.set(name, source);
    this.#contents.clear();
  }

  #seeSecrets(name: string, secrets: SecretRecord[]): void {
    this.#seen.set(name, secrets);
    for (const { content = '' } of secrets) this.#held.add(content);
  }

  #seeAccounts(name: string | undefined, accounts: ServiceAccountRecord[]): void {
    const others = name === undefined ? [] : this.#accounts.filter((account) => account.name !== name);
    this.#accounts = [...others, ...accounts];
  }

  #seeNamespaces(records: NamespaceRecord[], at: number, { name }: { name?: string } = {}): void {
    const before = this.#namespaces;
    if (name === undefined) {
      this.fullLooks += 1;
      if (this.follows) this.evictions = 0;
      this.#namespaces = new Map();
      this.#looked = new Map(records.map((record) => [record.name, record]));
    }
    for (const record of records) {
      this.#namespaces.set(record.name, [...(this.#namespaces.get(record.name) ?? []), { record, at }]);
    }
    if (name !== undefined) return;
    // A watch may tell of a namespace while a LIST that does not show it so is on its way.
    for (const [key, seen] of before) {
      const later = seen.filter((one) => one.at > at);
      if (later.length > 0) this.#namespaces.set(key, [...(this.#namespaces.get(key) ?? []), ...later]);
    }
  }
}

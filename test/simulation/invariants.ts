import type { PodRecord } from '../../job/src/cluster/cluster.ts';
import { isInAppliedList, listOf } from './change.ts';
import { isKeptFrom } from './conflicts.ts';
import { brokenEvent } from './events.ts';
import { brokenReference, readChange } from './judge-account.ts';
import { brokenConfigMap } from './judge-config-map.ts';
import { brokenLogin } from './judge-login.ts';
import { brokenOutput } from './judge-output.ts';
import { brokenSecret, endsCopy, isUntied } from './judge-secret.ts';
import { type Configured, Knowledge, type Role } from './knowledge.ts';
import type { Change, Model, StoredObject } from './model.ts';
import { brokenEviction } from './pods.ts';
import { mayLoseReference, type Removal, tooManyCopies, tooManyReferences } from './removal-limit.ts';
import { canSee, isNamedForRemoval, isSource, managedNames, marksOf, ourMarks, ownerOf } from './wishes.ts';

/** A promise of the design that was broken. */
export class Violation extends Error {
  override name = 'Violation';
}

/** Looks at every change of the model and judges those that processes of the engine made. */
export class Invariants {
  violation: Violation | undefined;
  readonly #model: Model;
  readonly #clock: { now(): Date };
  readonly #knowledge = new Map<string, Knowledge>();
  /** By `<secret name> <namespace>` and `account <name> <namespace>`: when, and by whom, something changed there. */
  readonly #changes = new Map<string, Array<{ at: number; actor: string }>>();
  /** By process: what it removed, and when. */
  readonly #removed = new Map<string, Map<string, Removal>>();

  constructor(model: Model, clock: { now(): Date }) {
    this.#model = model;
    this.#clock = clock;
    model.onEviction = (actor, pod) => {
      const broken = this.#brokenEviction(this.#knowledge.get(actor), pod, actor);
      if (broken === undefined) return;
      this.violation ??= new Violation(`${actor} evicted ${pod.namespace}/${pod.name}: ${broken}`);
    };
    model.onEvent = (actor, key, note) => {
      const now = this.#clock.now().getTime();
      const knowledge = this.#knowledge.get(actor);
      const last = model.events.get(key)?.lastObserved ?? 0;
      const broken = knowledge && (brokenEvent(knowledge, now - last) ?? brokenOutput(note));
      if (broken !== undefined) this.violation ??= new Violation(`${actor} wrote the Event ${key}: ${broken}`);
    };
    model.onChange = (change) => {
      const { resource, namespace, name } = (change.after ?? change.before) as StoredObject;
      const knowledge = this.#knowledge.get(change.actor);
      if (knowledge) {
        const broken = this.#broken(knowledge, change);
        if (broken !== undefined) {
          this.violation ??= new Violation(`${change.actor}, ${resource} ${namespace}/${name}: ${broken}`);
        }
      }
      const key = `${resource === 'serviceaccounts' ? 'account ' : ''}${name} ${namespace}`;
      const changes = this.#changes.get(key);
      const entry = { at: model.writes, actor: change.actor };
      if (changes) changes.push(entry);
      else this.#changes.set(key, [entry]);
    };
  }

  #brokenEviction(knowledge: Knowledge | undefined, pod: PodRecord, actor: string): string | undefined {
    if (!knowledge || !isConfigured(knowledge)) return 'an eviction without a configuration';
    if (knowledge.mustRest) return 'an eviction although runs stand still';
    const { namespace, serviceAccount } = pod;
    const heard = knowledge.heardOfAccount(namespace, serviceAccount);
    return brokenEviction(pod, this.#model, knowledge, {
      secret: (name) => this.#changedByOthers(`${name} ${namespace}`, knowledge.heardOfSecret(namespace, name), actor),
      account: this.#changedByOthers(`account ${serviceAccount} ${namespace}`, heard, actor),
    });
  }

  /** Looks at a line that a process tells. */
  judgeLine(actor: string, line: string): void {
    const broken = brokenOutput(line);
    if (broken !== undefined) this.violation ??= new Violation(`${actor} says ${line}: ${broken}`);
  }

  /** The record of what one process gets to know. */
  knowledgeOf(actor: string, role: Role): Knowledge {
    const knowledge = new Knowledge(role);
    this.#knowledge.set(actor, knowledge);
    return knowledge;
  }

  #broken(knowledge: Knowledge, change: Change): string | undefined {
    if (!isConfigured(knowledge)) return 'a write without a configuration';
    if (knowledge.mustRest) return 'a write although runs stand still';
    const object = (change.after ?? change.before) as StoredObject;
    if (object.resource === 'configmaps') return brokenConfigMap(change, knowledge);
    if (object.resource === 'secrets') return this.#brokenSecret(knowledge, change);
    if (!change.before || !change.after) return 'a ServiceAccount was created or deleted';
    return this.#brokenAccount(knowledge, change.actor, change.before, change.after);
  }

  #brokenSecret(knowledge: Configured, change: Change): string | undefined {
    const { before, after, actor } = change;
    const { namespace, name } = (after ?? before) as StoredObject;
    const now = this.#clock.now().getTime();
    const wishes = knowledge.wishes(namespace, name);
    const broken = wishes.map((wish) => brokenSecret(wish, change, knowledge, now));
    if (!broken.includes(undefined)) return broken[0] ?? 'a write where the configuration says nothing';

    const untrusted = after && brokenLogin(knowledge, after, before);
    if (untrusted !== undefined) return untrusted;
    // What was never ours does not go when another tool's marks go from it: that is the way to become ours.
    const stays = after && before && (ownerOf(after, knowledge.config) === 'ours' || isUntied(before, after));
    const replaced = !after && wishes.some((wish, index) => !broken[index] && !endsCopy(wish, change, knowledge, now));
    if (!before || stays || replaced) return undefined;
    return (
      this.#brokenOrder(knowledge, actor, before) ??
      this.#tooMany(knowledge, actor, before) ??
      this.#leavesNone(knowledge, actor, before)
    );
  }

  /** A copy that nobody wants stays until the ones that are wanted in its namespace are there, as far as the process could know. */
  #leavesNone(
    knowledge: Configured,
    actor: string,
    { namespace, name }: Pick<StoredObject, 'namespace' | 'name'>,
  ): string | undefined {
    const { config } = knowledge;
    if (!knowledge.wishes(namespace, name).every(({ kind }) => kind === 'absent')) return undefined;
    const missing = managedNames(config).find((other) => {
      const wishes = knowledge.wishes(namespace, other);
      if (wishes.length === 0 || wishes.some(({ kind }) => kind !== 'wanted')) return false;
      if (this.#changedByOthers(`${other} ${namespace}`, knowledge.heardOfSecret(namespace, other), actor))
        return false;
      const secret = this.#model.get({ resource: 'secrets', namespace, name: other });
      return !secret || !(ownerOf(secret, config) === 'ours' || isSource(config, secret));
    });
    return missing && `the copy went, and ${missing}, which may take its place, is not there`;
  }

  /** Before a copy goes, every reference to it that is ours has gone, as far as the process could know. */
  #brokenOrder(knowledge: Configured, actor: string, { namespace, name }: StoredObject): string | undefined {
    const ours = ourMarks(knowledge.config, name);
    const left = this.#model
      .list('serviceaccounts', { namespace })
      .find(
        (account) =>
          canSee(knowledge.config, account) &&
          !this.#changedByOthers(
            `account ${account.name} ${namespace}`,
            knowledge.heardOfAccount(namespace, account.name),
            actor,
          ) &&
          listOf(account).includes(name) &&
          !isInAppliedList(account, name) &&
          marksOf(account).some((mark) => ours.includes(mark)),
      );
    return left && `the copy went before its reference in ${left.name}`;
  }

  /** Copies that no state of their namespace wanted go in a number that the configuration allows. */
  #tooMany(knowledge: Configured, actor: string, { namespace, name }: StoredObject): string | undefined {
    const [atFirst] = knowledge.wishes(namespace, name);
    if (knowledge.role === 'cleanup') return undefined;
    if (atFirst?.kind === 'wanted') return 'a copy went that the look at everything did not show as one to go';
    if (atFirst?.kind !== 'absent') return undefined;
    knowledge.removals.copies += 1;
    return tooManyCopies(knowledge, ...this.#noteRemoval(actor, `${name} ${namespace}`));
  }

  /** References to copies that stay go in such a number, too. */
  #tooManyReferences(knowledge: Configured, actor: string, account: StoredObject, name: string): string | undefined {
    const { config, role } = knowledge;
    const { namespace } = account;
    const wishes = knowledge.wishes(namespace, name);
    const staysInEach = wishes.every(
      (wish) => wish.kind === 'wanted' && !isNamedForRemoval(account, wish.targets[0], config),
    );
    if (role === 'cleanup' || !staysInEach || !listOf(account).includes(name)) return undefined;
    knowledge.removals.references += 1;
    if (!mayLoseReference(name, account, knowledge))
      return 'a reference went that the look at everything did not show as one to go';
    return tooManyReferences(knowledge, ...this.#noteRemoval(actor, `${name} ${namespace} ${account.name}`));
  }

  #noteRemoval(actor: string, what: string): [removed: ReadonlyMap<string, Removal>, now: number] {
    const now = this.#clock.now().getTime();
    const removed = this.#removed.get(actor) ?? new Map<string, Removal>();
    this.#removed.set(actor, removed.set(what, { at: this.#model.writes, time: now }));
    return [removed, now];
  }

  #brokenAccount(knowledge: Configured, actor: string, before: StoredObject, after: StoredObject): string | undefined {
    const change = readChange(before, after, knowledge.config);
    if (typeof change === 'string') return change;
    const { namespace } = after;
    const rules = { config: knowledge.config, role: knowledge.role, content: knowledge.content.bind(knowledge) };
    for (const secretName of [...change.added, ...change.removed]) {
      const wishes = knowledge.wishes(namespace, secretName);
      const broken = wishes.map((wish) => brokenReference(wish, secretName, change, rules));
      if (!broken.includes(undefined)) return broken[0] ?? 'a write where the configuration says nothing';
    }
    const early = change.removed.find(
      (name) =>
        this.#goesEarly(knowledge, actor, before, name) || this.#leavesNone(knowledge, actor, { namespace, name }),
    );
    if (early !== undefined) return `the reference to ${early} went before one that takes its place`;
    const removals = change.removed.map((name) => this.#tooManyReferences(knowledge, actor, before, name));
    const tooMany = removals.find((broken) => broken !== undefined);
    if (tooMany !== undefined) return tooMany;
    const names = change.added.filter((name) => !listOf(before).includes(name));
    return names
      .map((name) => this.#withoutCopy(knowledge, actor, namespace, name))
      .find((broken) => broken !== undefined);
  }

  /** A name that was in use once waits for as long as a conflict keeps this ServiceAccount from the one of now. */
  #goesEarly(knowledge: Configured, actor: string, account: StoredObject, secretName: string): boolean {
    const { config } = knowledge;
    const { namespace } = account;
    if (!knowledge.wishes(namespace, secretName).every(({ kind }) => kind === 'retired')) return false;
    return managedNames(config).some((name) => {
      const [wish, ...others] = knowledge.wishes(namespace, name);
      if (wish?.kind !== 'wanted' || others.length > 0) return false;
      const since = knowledge.heardOfSecret(namespace, name);
      const isKnown = !this.#changedByOthers(`${name} ${namespace}`, since, actor);
      const secret = isKnown ? this.#model.get({ resource: 'secrets', namespace, name }) : undefined;
      const place = { model: this.#model, config, namespace, name, secret };
      return isKeptFrom(account, { target: wish.targets[0], place });
    });
  }

  /** A reference is added only where the copy is, as far as the process could know. */
  #withoutCopy(knowledge: Configured, actor: string, namespace: string, name: string): string | undefined {
    const { config } = knowledge;
    if (this.#changedByOthers(`${name} ${namespace}`, knowledge.heardOfSecret(namespace, name), actor))
      return undefined;
    const secret = this.#model.get({ resource: 'secrets', namespace, name });
    if (!secret) return 'a reference without a copy';
    if (ownerOf(secret, config) !== 'ours' && !isSource(config, secret)) return 'a reference to a foreign Secret';
    return undefined;
  }

  #changedByOthers(key: string, since: number, actor: string): boolean {
    return this.#changes.get(key)?.some((change) => change.at > since && change.actor !== actor) ?? false;
  }
}

function isConfigured(knowledge: Knowledge): knowledge is Configured {
  return knowledge.config !== undefined;
}

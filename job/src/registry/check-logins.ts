import pMap from 'p-map';
import type { Config } from '../config/config.ts';
import type { SourcedLogin } from '../credentials/docker-config.ts';
import { type LoadedTarget, withoutContent } from '../credentials/sources.ts';
import { orSay } from '../or-say.ts';
import type { Snapshot } from '../plan/observe.ts';
import { ownershipOf } from '../plan/ownership.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { readRefusedLogins } from '../report/status.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { copyReader, replacingLogins } from './copy-logins.ts';
import { describePause, describeRefusal, describeUnreachable } from './login-problem.ts';
import { isPaused, type RefusedLogin, type RefusedVersions, refusedBefore } from './refused-logins.ts';
import { loginKey } from './registry-login.ts';

/** What is about to be done. */
export interface Intent {
  config: Config;
  targets: LoadedTarget[];
  placements: readonly Placement[];
  snapshot: Snapshot;
  refusedVersions?: RefusedVersions;
}

export interface CheckedLogins {
  /** The same targets, but that one with a refused login has a problem in place of content. */
  targets: LoadedTarget[];
  /**
   * The targets of which a copy may be written: a copy holds their logins, or no registry refused them. The others were
   * refused, or nobody tried them, since nothing of them was to be written.
   */
  cleared: ReadonlySet<string>;
  /** The logins that were tried and not refused, as {@link loginKey}. */
  tried: ReadonlySet<string>;
  /** What the status has to remember. */
  refusedLogins: RefusedLogin[];
}

/**
 * Tries the logins that are about to be written where no copy holds them yet, as at a first install, or where they take the
 * place of others, as in a rotation. New namespaces ask nobody. What a registry refuses is not written (`enforce`), or with
 * a warning only (`warn`); a registry that cannot be reached is a warning and stops nothing.
 */
export async function checkLogins(intent: Intent, deps: EngineDeps): Promise<CheckedLogins> {
  const { config, targets } = intent;
  const usable = targets.flatMap(({ target, content }) => (content === undefined ? [] : target.name));
  if (config.verifyCredentials === 'off')
    return { targets, cleared: new Set(usable), tried: new Set(), refusedLogins: [] };
  const { due, untried } = newLogins(intent);
  const mayClear = usable.filter((name) => !untried.has(name));
  const enforced = config.verifyCredentials === 'enforce';
  const known =
    enforced && due.length > 0 ? ((await orSay(readRefusedLogins(deps.cluster, config.release), deps.log)) ?? []) : [];
  const refused = await pMap(due, (one) =>
    refusedOf(one, refusedBefore(one.loaded, known, intent.refusedVersions), deps),
  );

  const refusals = new Map(due.map(({ loaded }, index) => [loaded.target.name, refused[index] ?? []]));
  if (!enforced) {
    for (const [target, found] of refusals) {
      for (const { problem } of found) deps.log.warn(problem.message, { target, fix: problem.fix });
    }
    return { targets, cleared: new Set(mayClear), tried: new Set(), refusedLogins: [] };
  }
  const checked = targets.map((loaded) => {
    const problems = (refusals.get(loaded.target.name) ?? []).map(({ problem }) => problem);
    return problems.length > 0 ? { ...withoutContent(loaded), problems } : loaded;
  });
  const isRefused = (name: string) => (refusals.get(name) ?? []).length > 0;
  return {
    targets: checked,
    cleared: new Set(mayClear.filter((name) => !isRefused(name))),
    tried: new Set(
      due
        .filter(({ loaded }) => !isRefused(loaded.target.name))
        .flatMap(({ logins }) => logins.map((entry) => loginKey(...entry))),
    ),
    refusedLogins: refused.flatMap((found) => found.map(({ remembered }) => remembered)),
  };
}

interface DueLogins {
  loaded: LoadedTarget;
  logins: Array<[host: string, login: SourcedLogin]>;
}

interface NewLogins {
  due: DueLogins[];
  untried: ReadonlySet<string>;
}

/**
 * Logins that no copy holds, or that take the place of others. Due are those of targets that have to do with a copy that is
 * about to be written.
 */
function newLogins({ config, targets, placements, snapshot }: Intent): NewLogins {
  const written = placements.filter(({ actions }) => actions.some(isCopyWrite)).map(({ namespace }) => namespace);
  const namespaces = new Set(written);
  const writing = new Set(
    placements.flatMap(({ namespace, desired, retired }) =>
      desired && !retired && namespaces.has(namespace) ? desired.target.name : [],
    ),
  );
  const loginsOf = copyReader();
  const held = heldLogins(snapshot, config, loginsOf);
  // A warning stops nothing, so that the next run would ask again, and lock the account in the end.
  const isEnforced = config.verifyCredentials === 'enforce';
  const replacing = isEnforced ? replacingLogins(placements, snapshot, loginsOf) : new Set();
  const isNew = (key: string) => !held.has(key) || replacing.has(key);
  const all = targets
    .filter(({ content }) => content !== undefined)
    .map((loaded) => ({ loaded, logins: [...loaded.logins].filter((entry) => isNew(loginKey(...entry))) }))
    .filter(({ logins }) => logins.length > 0);
  const { due = [], later = [] } = Object.groupBy(all, ({ loaded }) =>
    writing.has(loaded.target.name) ? 'due' : 'later',
  );
  return { due, untried: new Set(later.map(({ loaded }) => loaded.target.name)) };
}

/** The logins in our copies. */
function heldLogins(snapshot: Snapshot, config: Config, loginsOf: ReturnType<typeof copyReader>): Set<string> {
  const copies = snapshot.secrets().filter((secret) => ownershipOf(secret, config).kind === 'ours');
  const contents = new Set(copies.map(({ content }) => content));
  return new Set([...contents].flatMap((content) => [...loginsOf(content)].map((entry) => loginKey(...entry))));
}

/** What is refused of a target, now or a while ago, and why. */
async function refusedOf({ loaded, logins }: DueLogins, before: readonly RefusedLogin[], deps: EngineDeps) {
  const now = deps.clock.now();
  if (before.some((one) => isPaused(one, now.getTime()))) {
    return before.map((remembered) => ({ remembered, problem: describePause(remembered) }));
  }
  const outcomes = await pMap(logins, async ([host, login]) => ({
    host,
    login,
    outcome: await deps.registries.tryLogin(host, login, deps.signal),
  }));
  return outcomes.flatMap(({ host, login, outcome }) => {
    const target = loaded.target.name;
    if (outcome.kind === 'unreachable') {
      const { message, fix } = describeUnreachable(host, outcome);
      deps.log.warn(message, { target, fix });
    }
    if (outcome.kind !== 'refused') return [];
    const tries = 1 + Math.max(0, ...before.map((one) => one.tries));
    const { sources } = loaded;
    const remembered = { target, host, sources, answer: outcome.answer, tries, triedAt: now.toISOString() };
    return [{ remembered, problem: describeRefusal(host, login, outcome) }];
  });
}

import pMap from 'p-map';
import type { Config } from '../config/config.ts';
import type { SourcedLogin } from '../credentials/docker-config.ts';
import type { Mask } from '../credentials/masking.ts';
import type { SourceReader } from '../credentials/read-source.ts';
import { awaitSources, type LoadedTarget, loadTargets } from '../credentials/sources.ts';
import { exitCode } from '../exit-code.ts';
import type { Log } from '../log.ts';
import { describeRefusal, describeUnreachable } from './login-problem.ts';
import { type LoginOutcome, loginKey, type Registries } from './registry-login.ts';

export interface VerifyDeps extends SourceReader {
  registries: Registries;
  readConfig(): Promise<Config>;
  log: Log;
  mask: Mask;
}

export interface VerifyOptions {
  /** A registry that cannot be reached is a warning. */
  tolerateUnreachable: boolean;
}

/** Tries every login of every target once and says how each ended; the exit code. */
export async function verify(deps: VerifyDeps, { tolerateUnreachable }: VerifyOptions): Promise<number> {
  const { log, mask, registries, signal } = deps;
  const targets = await loadAll(await deps.readConfig(), deps);
  for (const { target, confidential, warnings, problems } of targets) {
    for (const value of confidential) mask.add(value);
    for (const warning of warnings) log.warn(warning, { target: target.name });
    for (const { message, fix } of problems) log.error(message, { target: target.name, fix });
  }
  const bad = targets.filter(({ problems }) => problems.length > 0);
  if (bad.length === targets.length) {
    return bad.some(({ mayRecover }) => mayRecover) ? exitCode.incomplete : exitCode.config;
  }
  const outcomes = await pMap(loginsOf(targets), async (one) => ({
    one,
    outcome: await registries.tryLogin(one.host, one.login, signal),
  }));
  const good = outcomes.filter(({ one, outcome }) => tell(one, outcome, tolerateUnreachable, log));
  return bad.length === 0 && good.length === outcomes.length ? exitCode.ok : exitCode.incomplete;
}

/** Says how a login ended; whether that is as it should be. */
function tell(
  { host, login, names }: LoginOfTargets,
  outcome: LoginOutcome,
  tolerateUnreachable: boolean,
  log: Log,
): boolean {
  const about = { host, targets: names };
  switch (outcome.kind) {
    case 'accepted':
      log.info('the registry accepts the login', about);
      return true;
    case 'untried':
      log.info('the login was not tried', { ...about, reason: outcome.reason });
      return true;
    case 'refused': {
      const { message, fix } = describeRefusal(host, login, outcome);
      log.error(message, { ...about, fix });
      return false;
    }
    case 'unreachable': {
      const { message, fix } = describeUnreachable(host, outcome);
      log[tolerateUnreachable ? 'warn' : 'error'](message, { ...about, fix });
      return tolerateUnreachable;
    }
  }
}

/** Sources that are not there yet are waited for, as by a run. */
async function loadAll(config: Config, deps: VerifyDeps): Promise<LoadedTarget[]> {
  const deadline = deps.clock.elapsed() + config.sourceTimeout;
  let targets = await loadTargets(config, deps);
  for (;;) {
    const later = await awaitSources(config, targets, deadline, deps);
    if (!later) return targets;
    targets = later;
  }
}

interface LoginOfTargets {
  host: string;
  login: SourcedLogin;
  /** The targets that have it. */
  names: string[];
}

/** Each login once, with the targets in order that have it. */
function loginsOf(targets: readonly LoadedTarget[]): LoginOfTargets[] {
  const logins = new Map<string, LoginOfTargets>();
  for (const { target, logins: ofTarget, problems } of targets) {
    if (problems.length > 0) continue;
    for (const [host, login] of ofTarget) {
      const key = loginKey(host, login);
      const known = logins.get(key);
      if (known) known.names.push(target.name);
      else logins.set(key, { host, login, names: [target.name] });
    }
  }
  return [...logins.values()];
}

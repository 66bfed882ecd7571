import { dockerHubKey } from '../credentials/registry-host.ts';
import { marks } from '../plan/marks.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { describePause } from '../registry/login-problem.ts';
import { refusedBefore } from '../registry/refused-logins.ts';
import { describeConflict } from '../report/describe.ts';
import { someOf } from '../some-of.ts';
import type { Link } from './chain.ts';
import type { Observed, PullSecretSeen, Seen, SeenTarget } from './observed.ts';
import { runNow } from './run-links.ts';
import { linkOf, unseenLink } from './seen.ts';

/** Whether a target has credentials, and registries take them. */
export function sourcesLink(seen: SeenTarget, { runs }: Observed): Link {
  const { target, problems, unread, logins } = seen;
  const about = `target ${target.name}`;
  if (unread && 'kind' in unread) return unseenLink('sources', unread, about);
  if (unread) return linkOf('sources', 'unknown', unread.says, { about });
  const [problem, ...others] = problems;
  if (problem) {
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    return linkOf('sources', 'broken', `${problem.message}${more}`, { about, fix: problem.fix });
  }
  const [refused] = refusedBefore(seen, runs.refusedLogins);
  if (refused) {
    const { message, fix } = describePause(refused);
    return linkOf('sources', 'broken', message, { about, fix });
  }
  return linkOf('sources', 'ok', `logins for ${registriesOf([...logins.keys()])}`, { about });
}

/** Whether a target's copy is in the namespace, whose it is, and whether it is current. */
export function copyLink(seen: SeenTarget, placement: Placement | undefined, observed: Observed): Link {
  const { secretName } = seen.target;
  const found = observed.secrets.get(secretName) as Seen<PullSecretSeen | undefined>;
  const link = (state: Link['state'], says: string, fix?: string) =>
    linkOf('copy', state, says, { about: secretName, fix });
  if ('not' in found) return unseenLink('copy', found.not, secretName);
  const conflict = placement?.conflicts.find(({ kind }) => kind === 'keptSecret');
  if (placement && conflict) {
    const [, { owner, fix }] = describeConflict(placement, conflict);
    return link('broken', `it belongs to someone else (${owner}) and is kept as it is`, String(fix));
  }
  if (!found.is) {
    const waits = seen.content === undefined ? 'there is none, and none is made without the sources' : 'there is none';
    return link('broken', waits, seen.content === undefined ? 'mend the sources, and run again' : runNow(observed));
  }
  const { record, registries } = found.is;
  const holds = `with logins for ${registriesOf(registries)}`;
  if (seen.content === undefined) {
    return link('unknown', `it is there, ${holds}; whether it is current nobody can tell without the sources`);
  }
  const write = placement?.actions.find(isCopyWrite);
  if (!write) return link('ok', `it is ${whose(record.annotations)} and current, ${holds}`);
  if (write.kind === 'replaceCopy' && write.because === 'wrong type') {
    return link(
      'broken',
      `it has the type ${JSON.stringify(record.type.slice(0, 100))}, which the kubelet does not read`,
      runNow(observed),
    );
  }
  if (record.content !== seen.content) {
    return link(
      'broken',
      `it does not hold what the sources hold now, but logins for ${registriesOf(registries)}`,
      runNow(observed),
    );
  }
  return link('broken', 'it holds what the sources hold, and is not marked as ours', runNow(observed));
}

function whose(annotations: Record<string, string>): string {
  // In the release namespace a source that has the copy's name is the copy.
  if (annotations[marks.owner] === undefined) return 'the source itself';
  return annotations[marks.adopted] === 'true' ? 'ours, taken over from somebody else,' : 'ours';
}

/** Keys of a docker config, as people name the registries. */
export function registriesOf(keys: readonly string[]): string {
  if (keys.length === 0) return 'no registry';
  return someOf(keys.map((key) => (key === dockerHubKey ? 'docker.io' : key)));
}

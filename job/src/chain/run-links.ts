import { ago } from './ago.ts';
import type { Link } from './chain.ts';
import type { Observed } from './observed.ts';
import { linkOf, unseenLink } from './seen.ts';

/** How much later than its end another run may begin before it counts as one that left no status: milliseconds. */
const silence = 600_000;

type RunsOf = Pick<Observed, 'config' | 'runs' | 'now' | 'asked'>;

/**
 * Whether anything runs at all. Where nothing is to be done in the namespace that is worth a word, and breaks nothing.
 *
 * @param pending whether something of the namespace waits for a run
 */
export function releaseLink({ config, runs, now }: RunsOf, pending: boolean): Link {
  const { cronJob, follower, standStillUntil } = runs;
  const { namespace } = config.release;
  const stands = (says: string, fix: string) =>
    linkOf('release', pending ? 'broken' : 'ok', says, pending ? { fix } : {});
  if (standStillUntil !== undefined && Date.parse(standStillUntil) > now.getTime()) {
    const fix = 'nothing, where the release goes; else wait until then, and install it again';
    return stands(`a cleanup of the release is under way, and runs stand still until ${standStillUntil}`, fix);
  }
  if (follower && 'is' in follower && follower.is?.ready) return linkOf('release', 'ok', 'the follower runs');
  if (!cronJob)
    return linkOf('release', 'unknown', 'the configuration names no CronJob, so nothing tells what runs it');
  if ('not' in cronJob) return unseenLink('release', cronJob.not);
  const name = `${namespace}/${config.objects.cronJob}`;
  if (!cronJob.is) {
    return stands(
      `there is no CronJob ${name}, so nothing runs`,
      'install the release, or look with the context of its cluster',
    );
  }
  const { suspended, startedAt } = cronJob.is;
  if (suspended) {
    return stands(
      `the CronJob ${name} is suspended, so nothing runs`,
      `upgrade the release with suspend: false; at once: kubectl patch cronjob ${config.objects.cronJob} --namespace ${namespace} --patch '{"spec":{"suspend":false}}'`,
    );
  }
  const started =
    startedAt === undefined ? 'has started no run yet' : `started a run ${ago(now.getTime() - startedAt)}`;
  return linkOf('release', 'ok', `the CronJob ${name} ${started}`);
}

/** How the last run ended, and whether it failed in this namespace. */
export function lastRunLink({ config, runs, now, asked }: RunsOf, pending: boolean): Link {
  const { lastRun, cronJob } = runs;
  const look = `kubectl get jobs,pods --namespace ${config.release.namespace}`;
  if ('not' in lastRun) return unseenLink('lastRun', lastRun.not);
  if (!lastRun.is) {
    const says = 'no run has left a status';
    return linkOf('lastRun', pending ? 'broken' : 'ok', says, pending ? { fix: `see why: ${look}` } : {});
  }
  const { finished, exitCode, failures } = lastRun.is;
  const ended = Date.parse(finished);
  const says = `the last run ended ${ago(now.getTime() - ended)} with exit code ${exitCode}`;
  if (!pending) return linkOf('lastRun', 'ok', says);
  const failure = failures.find(({ namespace }) => namespace === asked.namespace) ?? failures.find(isGeneral);
  if (failure) return linkOf('lastRun', 'broken', `${says}: ${failure.message}`, { fix: failure.fix });
  const startedAt = cronJob && 'is' in cronJob ? cronJob.is?.startedAt : undefined;
  if (startedAt !== undefined && startedAt - ended > silence) {
    const late = `${says}, and the one that started ${ago(now.getTime() - startedAt)} has left no status`;
    return linkOf('lastRun', 'broken', late, { fix: `see why: ${look}` });
  }
  return linkOf('lastRun', 'ok', says);
}

function isGeneral({ namespace }: { namespace?: string }): boolean {
  return namespace === undefined;
}

/** What puts right whatever waits for a run. */
export function runNow({ config }: RunsOf): string {
  const { cronJob } = config.objects;
  if (cronJob === undefined) return 'run "pullsecret-sync sync"';
  return `the next run does it; at once: kubectl create job ${cronJob}-now --from=cronjob/${cronJob} --namespace ${config.release.namespace}`;
}

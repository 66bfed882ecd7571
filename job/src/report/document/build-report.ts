import { type Mask, maskStrings } from '../../credentials/masking.ts';
import { exitCode } from '../../exit-code.ts';
import type { StuckPod } from '../../pods/stuck-pods.ts';
import type { PlanResult } from '../../run/engine.ts';
import { version } from '../../version.ts';
import { describeWithheld } from '../describe.ts';
import { planExitCode } from '../plan-report.ts';
import { type LastRun, writersOf } from '../status-text.ts';
import { namespaceReporter } from './namespaces.ts';
import type { ReportDocument, ReportedPod, ReportedRun } from './report-document.ts';
import { countStates, reportRegistries, reportTarget } from './targets.ts';

/** What a command found. */
export interface Found {
  command: ReportDocument['command'];
  plan: PlanResult;
  lastRun: LastRun | undefined;
  stuckPods: readonly StuckPod[];
  time: Date;
  /** Of the kubeconfig. */
  context: string | undefined;
}

/** Keys whose values are words of this program. */
const ownWords = new Set(['command', 'verdict', 'state', 'leftOutBy', 'type', 'kind', 'time', 'version', 'finished']);

/** All that is known as one plain document. What others quote is masked in it. */
export function buildReport({ command, plan, lastRun, stuckPods, time, context }: Found, mask: Mask): ReportDocument {
  const { config, targets, withheldCopies, withheldReferences } = plan;
  const run = lastRun ? reportRun(lastRun) : null;
  const namespaces = plan.namespaces
    .toSorted((one, other) => compare(one.name, other.name))
    .map(namespaceReporter(plan, run?.failures ?? []));
  const findings = namespaces.flatMap((namespace) => namespace.targets.flatMap((cell) => cell.findings));
  const count = (type: string) => findings.filter((finding) => finding.type === type).length;
  const document: ReportDocument = {
    reportVersion: 1,
    command,
    time: time.toISOString(),
    version,
    release: `${config.release.namespace}/${config.release.name}`,
    context: context ?? null,
    verdict: verdictOf(plan),
    summary: {
      namespaces: namespaces.length,
      selected: namespaces.filter(({ targets }) => targets.some(isSelected)).length,
      states: countStates(namespaces),
      actions: count('action'),
      conflicts: count('conflict'),
      stuckPods: stuckPods.length,
    },
    problems: [...plan.problems, ...describeWithheld(plan).map(withheldProblem)],
    lastRun: run,
    targets: targets.map((loaded) => reportTarget(loaded, namespaces)),
    namespaces,
    registries: reportRegistries(targets, namespaces),
    stuckPods: stuckPods.map(reportPod),
    writers: lastRun ? writersOf(lastRun) : [],
    withheldRemovals: withheldCopies?.removals ?? 0,
    withheldReferences: withheldReferences?.removals ?? 0,
  };
  return maskStrings(document, mask, ownWords);
}

function isSelected({ target, state }: { target: string | null; state: string }): boolean {
  return target !== null && state !== 'leftOut';
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function verdictOf(plan: PlanResult): ReportDocument['verdict'] {
  const code = planExitCode(plan, { exitCode: true });
  if (code === exitCode.ok) return 'inLine';
  return code === exitCode.drift ? 'drift' : 'incomplete';
}

function withheldProblem([message, { copies, references, fix }]: ReturnType<typeof describeWithheld>[number]) {
  const what = copies === undefined ? `${references} references` : `${copies} copies`;
  return { message: `${message}: ${what}`, fix: `${fix}` };
}

function reportRun({ finished, exitCode, failures }: LastRun): ReportedRun {
  return {
    finished,
    exitCode,
    failures: failures.map(({ namespace = null, message, fix }) => ({ namespace, message, fix })),
  };
}

function reportPod({ pod, image, secretName }: StuckPod): ReportedPod {
  const { namespace, name, controller } = pod;
  return {
    namespace,
    name,
    image,
    secretName,
    controller: `${controller?.kind}/${controller?.name}`,
    fix: `kubectl delete pod ${name} --namespace ${namespace}`,
  };
}

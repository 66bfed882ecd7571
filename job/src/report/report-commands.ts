import { type ConnectionOptions, contextOf } from '../cluster/connection.ts';
import { orSay } from '../or-say.ts';
import { makePlan } from '../run/engine.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import type { TextStyle } from '../terminal/text-style.ts';
import { buildReport, type Found } from './document/build-report.ts';
import type { Format } from './format.ts';
import { renderDocument } from './formats/render-document.ts';
import { logPlan, planExitCode } from './plan-report.ts';
import { readLastRun } from './status.ts';
import { logStatus, lookAtStatus } from './status-command.ts';

export interface ReportOptions extends Pick<ConnectionOptions, 'kubeconfig' | 'context'> {
  exitCode: boolean;
  /** What the standard output gets: a report in a format, or by default the events of a log. */
  format: Format | 'events';
  /** Of the format `text`. */
  style: TextStyle;
  /** Takes what is masked already. */
  write(text: string): void;
}

/** Shows what a run would do. The exit code is the plan's. */
export async function planCommand(deps: EngineDeps, options: ReportOptions): Promise<number> {
  const plan = await makePlan(deps);
  const { log } = deps;
  const { format } = options;
  if (format === 'events') logPlan(plan, log);
  else {
    // As text, a plan tells nothing of the last run.
    const lastRun = format === 'text' ? undefined : await orSay(readLastRun(deps.cluster, plan.config.release), log);
    await writeReport({ command: 'plan', plan, lastRun, stuckPods: plan.stuckPods }, deps, { ...options, format });
  }
  return planExitCode(plan, options);
}

/** Shows how the cluster is. The exit code is a plan's. */
export async function statusCommand(deps: EngineDeps, options: ReportOptions): Promise<number> {
  const status = await lookAtStatus(deps);
  const { format } = options;
  if (format === 'events') logStatus(status, deps.log);
  else await writeReport({ command: 'status', ...status }, deps, { ...options, format });
  return planExitCode(status.plan, options);
}

async function writeReport(
  found: Omit<Found, 'time' | 'context'>,
  { clock, log, mask }: EngineDeps,
  { format, style, write, ...connection }: ReportOptions & { format: Format },
): Promise<void> {
  const context = await contextOf(connection);
  const document = buildReport({ ...found, time: clock.now(), context }, mask);
  for (const { message, fix } of document.problems) log.error(message, { fix });
  write(renderDocument(document, format, style));
}

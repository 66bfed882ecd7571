import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';
import type { LastRun } from './status-text.ts';
import planTemplate from './templates/plan.hbs';
import statusTemplate from './templates/status.hbs';

/** What `templates/plan.hbs` shows. */
export interface PlanView {
  namespaces: Array<{ name: string; lines: string[] }>;
  /** Empty where the cluster could not be looked at. */
  summary: string;
  /** Whether the plan holds all that there is to do. */
  whole: boolean;
}

/** What `templates/status.hbs` shows. */
export interface StatusView {
  lastRun: Pick<LastRun, 'finished' | 'exitCode'> | undefined;
  /** Programs that changed copies before the last run, each with what to do. */
  writers: Array<{ writer: string; namespaces: string; fix: string }>;
  targets: Array<{ name: string; secret: string; namespaces: number; inLine: number; conflicts: number }>;
  /** Lines of a table: namespaces × targets. */
  rows: string[];
  /** What of all namespaces the table has; empty where it has all. */
  notShown: string;
  /** What is not in line, with where. */
  groups: Array<{ title: string; namespaces: string; findings: Array<{ line: string; fix: string }> }>;
  /** Each with the command that lets it be made anew. */
  pods: Array<{ fix: string }>;
}

// An instance of its own, without the helpers that read what they were not given (`lookup`) or print it (`log`).
// The runtime's own type declarations are empty.
const handlebars = (runtime as unknown as typeof Handlebars).create();
handlebars.unregisterHelper('log');
handlebars.unregisterHelper('lookup');

export const renderPlan = handlebars.template<PlanView>(planTemplate);
export const renderStatus = handlebars.template<StatusView>(statusTemplate);

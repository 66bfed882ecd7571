import { rendererOf } from '../templating.ts';
import type { State, StateCounts } from './document/report-document.ts';
import type { LastRun } from './status-text.ts';
import chainTemplate from './templates/chain.hbs';
import junitTemplate from './templates/junit.xml.hbs';
import markdownTemplate from './templates/markdown.hbs';
import pageTemplate from './templates/page.html.hbs';
import planTemplate from './templates/plan.hbs';
import statusTemplate from './templates/status.hbs';

/** What `templates/plan.hbs` shows. */
export interface PlanView {
  namespaces: Array<{ name: string; lines: Array<{ line: string; fix: string }> }>;
  /** Empty where the cluster could not be looked at. */
  summary: string;
  /** Whether the plan holds all that there is to do. */
  whole: boolean;
}

/** What `templates/status.hbs` shows. */
export interface StatusView {
  headline: string;
  lastRun: Pick<LastRun, 'finished' | 'exitCode'> | undefined;
  /** Programs that changed copies before the last run, each with what to do. */
  writers: Array<{ writer: string; namespaces: string; fix: string }>;
  targets: Array<{ name: string; secret: string; namespaces: number; inLine: number; conflicts: string }>;
  /** Lines of a table: namespaces × targets. */
  rows: string[];
  /** What of all namespaces the table has; empty where it has all. */
  notShown: string;
  /** What is not in line, with where. */
  groups: Array<{ title: string; namespaces: string; findings: Array<{ line: string; fix: string }> }>;
  /** Each with the command that lets it be made anew. */
  pods: Array<{ fix: string }>;
}

/** What `templates/markdown.hbs` shows: Markdown, with all that others wrote escaped. */
export interface MarkdownView {
  title: string;
  place: string;
  targets: Array<{ name: string; secret: string } & StateCounts>;
  problems: Array<{ message: string; fix: string }>;
  groups: Array<{ title: string; block: string; names: string }>;
  moreGroups: number;
  /** A block of commands; empty where no pod is stuck. */
  pods: string;
  podsTitle: string;
  writers: Array<{ writer: string; names: string; fix: string }>;
  registries: Array<{ host: string; targets: string; namespaces: number }>;
  inAll: string;
}

/** What `templates/junit.xml.hbs` shows; the template escapes. */
export interface JunitView {
  timestamp: string;
  properties: Array<{ name: string; value: string }>;
  suites: Array<{
    id: number;
    name: string;
    failures: number;
    errors: number;
    skipped: number;
    cases: Array<{
      classname: string;
      name: string;
      outcome: 'passed' | 'skipped' | 'failure' | 'error';
      isPassed: boolean;
      isSkipped: boolean;
      type: string;
      message: string;
      text: string;
    }>;
  }>;
}

/** What `templates/page.html.hbs` shows; the template escapes. */
export interface PageView {
  /** The Content-Security-Policy. */
  policy: string;
  style: string;
  script: string;
  title: string;
  headline: string;
  verdict: string;
  command: string;
  /** `time`: the machine's form of a value that is a time; else empty. */
  facts: Array<{ name: string; value: string; time: string }>;
  /** Parts of a line that is 1,000 long. */
  bar: Array<{ state: State; from: number; width: number }>;
  counts: Array<{ state: State; word: string; meaning: string; count: string }>;
  needsNothing: boolean;
  problems: Array<{ about: string; message: string; fix: string }>;
  groups: Array<{
    index: number;
    state: State;
    word: string;
    meaning: string;
    /** Empty: what no target wants any more. */
    target: string;
    secretName: string;
    count: string;
    findings: Array<{ type: string; message: string; fix: string; details: Array<{ name: string; value: string }> }>;
    names: string[];
    more: string[];
    moreCount: string;
  }>;
  writers: Array<{ writer: string; names: string; fix: string }>;
  stuckPods: Array<{ namespace: string; name: string; image: string; controller: string; fix: string }>;
  /** Failures of the last run that concern no single namespace. */
  lastRunFailures: Array<{ message: string; fix: string }>;
  columns: Array<{ name: string; secretName: string }>;
  isWide: boolean;
  /** For each column the cells of a namespace, mostly one. */
  rows: Array<{
    name: string;
    columns: Array<Array<{ state: State; word: string; reason: string; group: number; hasGroup: boolean }>>;
  }>;
  inAll: string;
  /** Those that some cell has. */
  states: Array<{ state: State; word: string }>;
  targets: Array<{
    name: string;
    secretName: string;
    sources: string[];
    registries: string[];
    warnings: string[];
    namespaces: string;
  }>;
  /** `share`: in percent of all namespaces. */
  registries: Array<{ host: string; targets: string[]; count: string; share: number }>;
  version: string;
}

/** What `templates/chain.hbs` shows. */
export interface ChainView {
  title: string;
  /** The links, as lines of columns. */
  lines: string[];
  verdict: string;
  /** Where to begin; `fix` may be empty. */
  broken: { says: string[]; fix: string } | undefined;
  unseen: Array<{ says: string; fix: string }>;
}

export const renderPlan = rendererOf<PlanView>(planTemplate);
export const renderStatus = rendererOf<StatusView>(statusTemplate);
export const renderMarkdownView = rendererOf<MarkdownView>(markdownTemplate);
export const renderJunitView = rendererOf<JunitView>(junitTemplate);
export const renderPage = rendererOf<PageView>(pageTemplate);
export const renderChain = rendererOf<ChainView>(chainTemplate);

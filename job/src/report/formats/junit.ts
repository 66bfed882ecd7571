import type { Finding, ReportDocument, ReportedCell } from '../document/report-document.ts';
import { type JunitView, renderJunitView } from '../templates.ts';
import { findingLine, reasonOf, stateMeanings, stateWords } from './words.ts';

type Case = JunitView['suites'][number]['cases'][number];

/**
 * JUnit XML: each namespace is a test of each target. Drift fails, what cannot be judged is an error, and what is left out
 * or kept for someone else is skipped.
 *
 * In the form of Ant's schema, the strictest of those in use. GitLab shows the text of a failure, not its `message`.
 */
export function renderJunit(document: ReportDocument): string {
  const { targets, namespaces, release, context, time } = document;
  const unwanted = namespaces.flatMap(({ name, targets }) =>
    targets.filter(({ target }) => target === null).map((cell) => caseOf(cell, name, cell.secretName)),
  );
  const suites = [
    { name: 'pullsecret-sync', cases: lookCases(document) },
    ...targets.map(({ name }) => ({
      name,
      cases: namespaces.flatMap((namespace) =>
        namespace.targets.filter(({ target }) => target === name).map((cell) => caseOf(cell, namespace.name, name)),
      ),
    })),
    { name: 'wanted by no target', cases: unwanted },
  ];
  return renderJunitView({
    suites: suites
      .filter(({ cases }) => cases.length > 0)
      .map(({ name, cases }, id) => {
        const count = (outcome: Case['outcome']) => cases.filter((one) => one.outcome === outcome).length;
        return { id, name, cases, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
      }),
    // Ant's schema takes no time zone.
    timestamp: time.slice(0, 19),
    properties: Object.entries({ release, context: context ?? '', time, version: document.version }).map(
      ([name, value]) => ({ name, value }),
    ),
  });
}

/** What concerns no single namespace. */
function lookCases({ problems, targets, stuckPods }: ReportDocument): Case[] {
  const look = { classname: 'pullsecret-sync', name: 'the cluster can be looked at' };
  return [
    problems.length === 0
      ? { ...look, ...passed }
      : {
          ...look,
          ...faulty(
            'error',
            'problem',
            problems.map(({ message, fix }) => `${message}\nFix: ${fix}`),
          ),
        },
    ...targets.map((target): Case => {
      const about = { classname: target.name, name: 'the sources are in order' };
      if (target.problems.length === 0) return { ...about, ...passed };
      const lines = target.problems.map(({ message, fix }) => `${message}\nFix: ${fix}`);
      return { ...about, ...faulty('error', 'blocked', lines) };
    }),
    ...stuckPods.map((pod): Case => {
      const lines = [`cannot pull ${pod.image}: it came before its reference\nFix: ${pod.fix}`];
      return { classname: 'pods', name: `${pod.namespace}/${pod.name}`, ...faulty('failure', 'stuck pod', lines) };
    }),
  ];
}

function caseOf(cell: ReportedCell, name: string, classname: string): Case {
  const { state, findings } = cell;
  const about = { classname, name };
  const lines = findings.map(textOf);
  switch (state) {
    case 'inLine':
      return { ...about, ...passed };
    case 'leftOut':
      return { ...about, ...faulty('skipped', stateWords[state], [`${stateWords[state]}: ${reasonOf(cell)}`]) };
    case 'conflict':
      return { ...about, ...faulty('skipped', stateWords[state], lines) };
    case 'blocked':
      return { ...about, ...faulty('error', stateWords[state], [stateMeanings[state], ...lines]) };
    case 'drift':
    case 'failed':
      return { ...about, ...faulty('failure', stateWords[state], lines) };
  }
}

const passed = { outcome: 'passed', isPassed: true, isSkipped: false, type: '', message: '', text: '' } as const;

function faulty(outcome: 'failure' | 'error' | 'skipped', type: string, lines: readonly string[]) {
  const text = lines.join('\n');
  const isSkipped = outcome === 'skipped';
  return { outcome, isPassed: false, isSkipped, type, message: lines[0]?.split('\n')[0] ?? '', text };
}

function textOf(finding: Finding): string {
  return findingLine(finding) + (finding.fix === null ? '' : `\nFix: ${finding.fix}`);
}

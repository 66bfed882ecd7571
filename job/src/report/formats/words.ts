import { formatNumber } from '../../format-number.ts';
import { someOf } from '../../some-of.ts';
import type { Colour } from '../../terminal/text-style.ts';
import type { Finding, ReportDocument, ReportedCell, State } from '../document/report-document.ts';

export const stateColours: Record<State, Colour> = {
  failed: 'red',
  blocked: 'red',
  drift: 'yellow',
  conflict: 'yellow',
  inLine: 'green',
  leftOut: 'dim',
};

export const stateWords: Record<State, string> = {
  failed: 'failed',
  blocked: 'blocked',
  drift: 'drift',
  conflict: 'conflict',
  inLine: 'in line',
  leftOut: 'left out',
};

/** What each state means, in a sentence without a full stop. */
export const stateMeanings: Record<State, string> = {
  failed: 'a run would change something, and the last one could not',
  blocked: 'the sources of the target are not in order, so its copy stays as it is',
  drift: 'a run would change something',
  conflict: 'something belongs to someone else and is kept',
  inLine: 'as it should be',
  leftOut: 'the target does not select the namespace',
};

const leftOutWords: Record<NonNullable<ReportedCell['leftOutBy']>, string> = {
  system: 'system namespace',
  exclude: 'excluded by name',
  annotation: 'excluded by annotation',
  include: 'not included',
  selector: 'labels do not match',
  otherTarget: 'another target has it',
  terminating: 'being deleted',
};

/** Why a cell is left out; nothing where it is not. */
export function reasonOf({ leftOutBy }: ReportedCell): string {
  return leftOutBy === null ? '' : leftOutWords[leftOutBy];
}

/** The state in a sentence, for a headline. */
export function headline({ verdict, summary, targets, namespaces }: ReportDocument): string {
  const { states, selected } = summary;
  const waiting = states.drift + states.failed;
  if (verdict === 'incomplete') {
    const bad = targets.filter(({ problems }) => problems.length > 0);
    if (bad.length > 0)
      return `The sources of ${someOf(
        bad.map(({ name }) => name),
        3,
      )} are not in order`;
    return namespaces.length === 0 ? 'The cluster could not be looked at' : 'Not all could be looked at';
  }
  if (waiting > 0) return `A run would change something in ${counted(waiting, 'namespace')}`;
  if (verdict === 'drift') return 'A run would make stuck pods anew';
  if (selected === 0) return 'No namespace is selected';
  if (states.conflict > 0) return `In line, with conflicts kept in ${counted(states.conflict, 'namespace')}`;
  return selected === 1
    ? 'The one selected namespace is in line'
    : `All ${formatNumber(selected)} selected namespaces are in line`;
}

/** What a finding says, with what it is about. */
export function findingLine({ message, details }: Pick<Finding, 'message' | 'details'>): string {
  return [message, ...Object.entries(details).map(([key, value]) => `${key}=${value}`)].join('  ');
}

export function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

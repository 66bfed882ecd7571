import type { Page } from 'playwright-core';
import { type ReportDocument, states } from '../../job/src/report/document/report-document.ts';
import { groupFindings } from '../../job/src/report/formats/groups.ts';

/** What a person finds on the page, and the document says. */
interface Said {
  counts: Record<string, string>;
  problems: Array<[message: string, fix: string]>;
  groups: Array<{ state: string; target: string; messages: string[]; fixes: string[]; namespaces: string[] }>;
  pods: string[];
  /** By namespace, the states in each column. */
  matrix: Array<[name: string, columns: string[][]]>;
  registries: Array<[host: string, targets: string, namespaces: string]>;
  targets: Array<[name: string, sources: string, warnings: string[]]>;
}

/** Read out of the elements of a page, as they are in the browser. */
export function shownBy(page: Page): Promise<Said> {
  return page.evaluate(`(() => {
    const all = (root, selector) => [...root.querySelectorAll(selector)];
    const texts = (root, selector) => all(root, selector).map((one) => one.textContent);
    const own = (element) => element.firstChild?.textContent.trim() ?? '';
    const fixes = (root) => texts(root, '.fix').map((text) => text.replace(/^Fix /, ''));
    const stateOf = (element) => element.classList[1];
    return {
      counts: Object.fromEntries(all(document, '.counts li').map((li) => [li.className, li.querySelector('.number').textContent])),
      problems: all(document, '.card.failed:not([id])')
        .filter((card) => !card.querySelector('.findings'))
        .map((card) => [texts(card, '.message')[0], fixes(card)[0]]),
      groups: all(document, '.card[id]').map((card) => ({
        state: stateOf(card.querySelector('.state')),
        target: texts(card, 'h3 .target')[0] ?? '',
        messages: all(card, '.findings .message').map(own),
        fixes: fixes(card),
        namespaces: texts(card, '.names li'),
      })),
      pods: texts(document, '.card .fix code'),
      matrix: all(document, '.matrix tbody tr').map((row) => [
        row.cells[0].textContent,
        [...row.cells].slice(1).map((cell) => all(cell, '.state').map(stateOf)),
      ]),
      registries: all(document, '.registries tbody tr').map((row) => [...row.cells].slice(0, 3).map((cell) => cell.textContent)),
      targets: all(document, '.targets .card').map((card) => [
        own(card.querySelector('h3')),
        texts(card, 'dd')[0],
        texts(card, '.warning'),
      ]),
    };
  })()`);
}

/** The same out of the document. */
export function saidBy(document: ReportDocument): Said {
  const { summary, problems, targets, lastRun, namespaces, stuckPods, registries } = document;
  const number = (count: number) => count.toLocaleString('en');
  const fixesOf = (found: ReadonlyArray<{ fix: string | null }>) =>
    found.flatMap(({ fix }) => (fix === null ? [] : [fix]));
  const hasUnwanted = namespaces.some((one) => one.targets.some(({ target }) => target === null));
  const columns = [...targets.map(({ name }) => name), ...(hasUnwanted ? [null] : [])];
  const ofLastRun = (lastRun?.failures ?? []).filter(({ namespace }) => namespace === null);
  return {
    counts: Object.fromEntries(
      states
        .filter((state) => summary.states[state] > 0 || state === 'inLine')
        .map((state) => [state, number(summary.states[state])]),
    ),
    problems: [...problems, ...targets.flatMap((target) => target.problems), ...ofLastRun].map(({ message, fix }) => [
      message,
      fix,
    ]),
    groups: groupFindings(document).map(({ state, target, findings, namespaces }) => ({
      state,
      target: target ?? '',
      messages: findings.length > 0 ? findings.map(({ message }) => message.trim()) : [],
      fixes: fixesOf(findings),
      namespaces,
    })),
    pods: stuckPods.map(({ fix }) => fix),
    matrix: namespaces.map((one) => [
      one.name,
      columns.map((column) => one.targets.filter(({ target }) => target === column).map(({ state }) => state)),
    ]),
    registries: registries.map(({ host, targets, namespaces }) => [host, targets.join(', '), number(namespaces)]),
    targets: targets.map(({ name, sources, warnings }) => [name, sources.join(', '), warnings]),
  };
}

import { createHash } from 'node:crypto';
import { formatNumber } from '../../format-number.ts';
import { type ReportDocument, states } from '../document/report-document.ts';
import script from '../templates/page.browser.js';
import style from '../templates/page.css';
import { renderPage } from '../templates.ts';
import { groupFindings } from './groups.ts';
import { barOf, factsOf, groupView, keyOf, problemsOf, rowOf } from './page-parts.ts';
import { counted, headline, stateMeanings, stateWords } from './words.ts';

/**
 * One file for a browser, which asks for nothing else: its policy allows no more than the style and the script in it. All
 * that it says can be read without the script, which filters.
 */
export function renderHtml(document: ReportDocument): string {
  const { summary, targets, namespaces, registries, stuckPods, lastRun } = document;
  const groups = groupFindings(document);
  const numbers = new Map(
    groups.flatMap((group, index) => group.namespaces.map((name) => [keyOf(name, group), index])),
  );
  const hasUnwanted = namespaces.some((namespace) => namespace.targets.some(({ target }) => target === null));
  return renderPage({
    policy: `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`,
    style,
    script,
    title: `${document.context ?? document.release}: ${headline(document)}`,
    headline: headline(document),
    verdict: document.verdict,
    command: document.command,
    facts: factsOf(document),
    bar: barOf(document),
    counts: states
      .filter((state) => summary.states[state] > 0 || state === 'inLine')
      .map((state) => ({
        state,
        word: stateWords[state],
        meaning: stateMeanings[state],
        count: formatNumber(summary.states[state]),
      })),
    needsNothing: groups.length + stuckPods.length + problemsOf(document).length + document.writers.length === 0,
    problems: problemsOf(document),
    groups: groups.map((group, index) => groupView(group, index)),
    writers: document.writers.map(({ writer, namespaces, fix }) => ({ writer, fix, names: namespaces.join(', ') })),
    stuckPods: stuckPods.map((pod) => ({ ...pod })),
    lastRunFailures: (lastRun?.failures ?? []).filter(({ namespace }) => namespace === null),
    columns: [
      ...targets.map(({ name, secretName }) => ({ name, secretName })),
      ...(hasUnwanted ? [{ name: 'no target', secretName: 'in use once' }] : []),
    ],
    isWide: targets.length > 6,
    rows: namespaces.map((namespace) => rowOf(namespace, document, hasUnwanted, numbers)),
    inAll: counted(namespaces.length, 'namespace'),
    states: states
      .map((state) => ({
        state,
        word: stateWords[state],
        isThere: namespaces.some(({ targets }) => targets.some((cell) => cell.state === state)),
      }))
      .filter(({ isThere }) => isThere),
    targets: targets.map(({ name, secretName, sources, registries, warnings, states }) => ({
      name,
      secretName,
      sources,
      registries,
      warnings,
      namespaces: counted(namespaces.length - states.leftOut, 'namespace'),
    })),
    registries: registries.map(({ host, targets, namespaces: count }) => ({
      host,
      targets,
      count: formatNumber(count),
      share: namespaces.length === 0 ? 0 : (100 * count) / namespaces.length,
    })),
    version: document.version,
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

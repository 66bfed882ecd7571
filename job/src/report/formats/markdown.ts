import type { ReportDocument } from '../document/report-document.ts';
import { renderMarkdownView } from '../templates.ts';
import { groupFindings } from './groups.ts';
import { counted, findingLine, headline, stateWords } from './words.ts';

/** Groups, and names in each, at most: a comment holds 65,536 characters on GitHub and a million on GitLab. */
const mostGroups = 30;
const mostNames = 50;
const marksOf: Record<ReportDocument['verdict'], string> = { inLine: '✅', drift: '⚠️', incomplete: '❌' };

/** Markdown for a comment of a merge request: the summary, and what is not in line folded below it. */
export function renderMarkdown(document: ReportDocument): string {
  const { verdict, targets, problems, lastRun, stuckPods, writers, registries, namespaces } = document;
  const groups = groupFindings(document);
  const bad = targets.flatMap(({ name, problems }) =>
    problems.map(({ message, fix }) => ({ message: `${name}: ${message}`, fix })),
  );
  return renderMarkdownView({
    title: `${marksOf[verdict]} ${escaped(headline(document))}`,
    place: [
      `release ${code(document.release)}`,
      ...(document.context === null ? [] : [`context ${code(document.context)}`]),
      `${document.command} of ${document.time}`,
      ...(lastRun ? [`last run ended ${code(lastRun.finished)} with exit code ${lastRun.exitCode}`] : []),
    ].join(' · '),
    targets: targets.map(({ name, secretName, states }) => ({ name: code(name), secret: code(secretName), ...states })),
    problems: [...problems, ...bad].map(({ message, fix }) => ({ message: code(message), fix: code(fix) })),
    groups: groups.slice(0, mostGroups).map(({ state, target, secretName, findings, namespaces }) => {
      const about = target === null ? `secret ${code(secretName)}` : `target ${code(target)}`;
      const lines = findings.flatMap((one) => [findingLine(one), ...(one.fix === null ? [] : [`Fix: ${one.fix}`])]);
      return {
        title: `<b>${stateWords[state]}</b>: ${about}, ${counted(namespaces.length, 'namespace')}`,
        block: lines.length > 0 ? fenced(lines) : '',
        names: names(namespaces),
      };
    }),
    moreGroups: Math.max(0, groups.length - mostGroups),
    pods: stuckPods.length > 0 ? fenced(stuckPods.slice(0, mostNames).map(({ fix }) => fix)) : '',
    podsTitle: counted(stuckPods.length, 'pod'),
    writers: writers.map(({ writer, namespaces, fix }) => ({
      writer: code(writer),
      names: names(namespaces),
      fix: code(fix),
    })),
    registries: registries.map(({ host, targets, namespaces }) => ({
      host: code(host),
      targets: targets.map(code).join(' '),
      namespaces,
    })),
    inAll: counted(namespaces.length, 'namespace'),
  });
}

/** Text that is shown as it is, wherever it stands. GitLab makes mentions and links of what stands outside of `<code>`. */
function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** With numbers for all that Markdown or HTML may read as its own: in a table, a summary, a list or a line. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} ,/=-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** A block of lines as they are. Its fence is longer than any in them. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}

function names(namespaces: readonly string[]): string {
  const more = namespaces.length - mostNames;
  return namespaces.slice(0, mostNames).map(code).join(' ') + (more > 0 ? ` and ${more} more` : '');
}

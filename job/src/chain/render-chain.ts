import { stringify } from 'yaml';
import { renderChain } from '../report/templates.ts';
import type { Colour, TextStyle } from '../terminal/text-style.ts';
import { type Chain, firstBroken, type LinkState } from './chain.ts';
import { isUnseen, linkWords, sentenceOf, stateWords, titleOf, verdictOf } from './chain-words.ts';

/** How wide the columns of states and links are: characters. */
const stateWidth = 9;
const linkWidth = 16;
/** What a column of sentences has at least: characters. */
const narrowest = 30;
/** Longer lines than that are hard to read, however wide the terminal is: characters. */
const widest = 100;
const colours: Record<LinkState, Colour> = { ok: 'green', broken: 'red', unknown: 'yellow', notReached: 'dim' };

export const chainFormats = ['text', 'json', 'yaml', 'markdown'] as const;
export type ChainFormat = (typeof chainFormats)[number];

const renderers: Record<ChainFormat, (chain: Chain, style: TextStyle) => string> = {
  text: renderText,
  json: (chain) => `${JSON.stringify(documentOf(chain), null, 2)}\n`,
  yaml: (chain) => stringify(documentOf(chain), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
  markdown: renderMarkdown,
};

/** @param style of the format `text` */
export function renderAs(format: ChainFormat, chain: Chain, style: TextStyle): string {
  return renderers[format](chain, style);
}

/** What other programs get. Within one version fields are only added. */
function documentOf({ namespace, pod, found, pulled, links }: Chain): object {
  const about = { namespace, pod: pod ?? null, found, pulled: pulled ?? null };
  return { chainVersion: 1, ...about, firstBroken: firstBroken({ links }) ?? null, links };
}

function renderText(chain: Chain, { columns, paint }: TextStyle): string {
  const line = Math.min(columns, widest);
  const indent = 2 + stateWidth + linkWidth;
  // Where a third column has no room it stands below the others.
  const isBeside = line - indent >= narrowest;
  const sentenceIndent = isBeside ? indent : 4;
  const broken = firstBroken(chain);
  return renderChain({
    title: titleOf(chain),
    lines: chain.links.map((link) => {
      const state = paint(colours[link.state], stateWords[link.state].padEnd(stateWidth));
      const [first = '', ...rest] = wrap(sentenceOf(link), line - sentenceIndent);
      const below = rest.map((text) => ' '.repeat(sentenceIndent) + text);
      const word = linkWords[link.link];
      const head = isBeside ? word.padEnd(linkWidth) + first : `${word}\n    ${first}`;
      return [`  ${state}${head}`, ...below].join('\n');
    }),
    verdict: paint(broken ? 'red' : 'bold', verdictOf(chain)),
    broken: broken && { says: wrap(sentenceOf(broken), line - 2), fix: broken.fix ?? '' },
    unseen: chain.links.filter(isUnseen).map((link) => ({
      says: wrap(`${linkWords[link.link]}: ${sentenceOf(link)}`, line - 2).join('\n  '),
      fix: link.fix ?? '',
    })),
  });
}

/** Lines of whole words; one that is longer than a line has one of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function renderMarkdown(chain: Chain): string {
  const broken = firstBroken(chain);
  const rows = chain.links.map((link) => [stateWords[link.state], linkWords[link.link], sentenceOf(link)]);
  return [
    `## ${titleOf(chain)}`,
    '',
    `**${verdictOf(chain)}**`,
    ...(broken ? ['', escaped(sentenceOf(broken)), ...(broken.fix ? ['', `Fix: ${escaped(broken.fix)}`] : [])] : []),
    '',
    '| state | link | found |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.map(escaped).join(' | ')} |`),
    '',
  ].join('\n');
}

/** What others named and said stays text, and in its cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~]/g, '\\$&');
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import type { Paint } from '../../job/src/terminal/text-style.ts';

const template = Handlebars.compile(readFileSync(join(import.meta.dirname, 'terminal.svg.hbs'), 'utf8'), {
  strict: true,
});
const lineHeight = 19;
/** Of a letter of the font, a little more than any of its kinds has. */
const letterWidth = 7.9;

/** How what is printed marks colours: by characters that no output has. */
const [start, middle, end] = ['\u{e000}', '\u{e001}', '\u{e002}'];
const painted = new RegExp(`${start}(?<style>\\w+)${middle}(?<text>[^${end}]*)${end}|(?<plain>[^${start}]+)`, 'g');

/** For the output that becomes a picture. */
export const paintForPicture: Paint = (colour, text) => `${start}${colour}${middle}${text}${end}`;

/**
 * A picture of a terminal with a command and what it printed, as SVG: its text can be selected, and read aloud.
 *
 * @param output coloured by {@link paintForPicture}
 */
export function terminalPicture(command: string, output: string): string {
  const printed = output.trimEnd().split('\n').map(partsOf);
  const lines = [[{ text: `$ ${command}`, style: 'command' }], ...printed];
  const width = Math.max(...lines.map((parts) => parts.map(({ text }) => text).join('').length));
  return template({
    label: `What "${command}" prints`,
    width: Math.ceil(32 + letterWidth * width),
    height: 24 + lineHeight * lines.length,
    lines: lines.map((parts, index) => ({ parts, y: 27 + lineHeight * index })),
  });
}

function partsOf(line: string): Array<{ text: string; style: string }> {
  return [...line.matchAll(painted)].map(({ groups = {} }) => ({
    text: groups.plain ?? groups.text ?? '',
    style: groups.style ?? '',
  }));
}

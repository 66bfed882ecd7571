import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

const template = Handlebars.compile(readFileSync(join(import.meta.dirname, 'terminal.svg.hbs'), 'utf8'), {
  strict: true,
});
const lineHeight = 19;
/** Of a letter of the font, a little more than any of its kinds has. */
const letterWidth = 7.9;

/** A picture of a terminal with a command and what it printed, as SVG: its text can be selected, and read aloud. */
export function terminalPicture(command: string, output: string): string {
  const lines = [`$ ${command}`, ...output.trimEnd().split('\n')];
  return template({
    label: `What "${command}" prints`,
    width: Math.ceil(32 + letterWidth * Math.max(...lines.map((line) => line.length))),
    height: 24 + lineHeight * lines.length,
    lines: lines.map((text, index) => ({ text, y: 27 + lineHeight * index, isCommand: index === 0 })),
  });
}

import { styleText } from 'node:util';
import { Help, type HelpConfiguration } from 'commander';

/** What the help of a command says beside what commander knows. */
export interface HelpParts {
  /** Command lines to copy. */
  examples: readonly string[];
  lists?: ReadonlyArray<{ title: string; items: ReadonlyArray<readonly [term: string, meaning: string]> }>;
}

/** Columns that a meaning needs beside its term; with fewer it stands below. */
const besideTerm = 30;

/** Help that can be read at 40 columns too: there each meaning stands below its term. Examples are never broken. */
export function helpLayout({ examples, lists = [] }: HelpParts): HelpConfiguration {
  return {
    minWidthToWrap: 20,
    // Commander takes it out again where there are no colours.
    styleTitle: (title) => styleText('bold', title, { validateStream: false }),
    formatItem(term, termWidth, meaning, helper) {
      const width = helper.helpWidth ?? 80;
      if (width - termWidth - 4 >= besideTerm || !meaning)
        return Help.prototype.formatItem.call(helper, term, termWidth, meaning, helper);
      const below = helper.boxWrap(meaning, width - 6).split('\n');
      return [`  ${term}`, ...below.map((line) => `      ${line}`)].join('\n');
    },
    formatHelp(command, helper) {
      const more = lists.flatMap(({ title, items }) => {
        const termWidth = Math.max(...items.map(([term]) => term.length));
        const lines = items.map(([term, meaning]) => helper.formatItem(term, termWidth, meaning, helper));
        return helper.formatItemList(title, lines, helper);
      });
      const shown = helper.formatItemList(
        'Examples:',
        examples.map((example) => `  ${example}`),
        helper,
      );
      return [Help.prototype.formatHelp.call(helper, command, helper), ...shown, ...more].join('\n');
    },
  };
}
